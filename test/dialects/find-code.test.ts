import t from 'tap'
import { findCode } from '../../src/dialects/code.ts'

const found = (text: string): string | undefined => findCode(text)?.reveal()

/** What identity providers say where nobody has changed it, and what people make of it. */
const TEXTS: ReadonlyArray<readonly [string, string]> = [
  ['Supabase', 'Your code is 482913'],
  ['Okta', 'Your verification code is 48291.'],
  ['Okta of a company', 'Your Example 365 verification code is 482913.'],
  ['Okta in a preview', '(HOOK)Your code is 48291'],
  ['Auth0', '482913 is your verification code for Example'],
  ['Auth0 with a name', 'Your verification code is: 482913'],
  ['Auth0 in German', '482913 ist Ihr Bestätigungscode für Example.'],
  ['Auth0 in French', '482913 est votre code de vérification pour Example.'],
  ['Auth0 in Spanish', '482913 es tu código de verificación para Example.'],
  ['Kratos', 'Your login code is: 482913\n\nIt expires in 15 minutes.\n'],
  ['Kratos for a day', 'Your verification code is: 482913\n\nIt expires in 1440 minutes.\n\n@auth.example.com #482913'],
  ['Logto', 'Your verification code is 482913. The code will remain active for 10 minutes.'],
  ['Logto in German', 'Ihr Bestätigungscode lautet 482913. Der Code bleibt 10 Minuten lang aktiv.'],
  ['Logto in Chinese', '你的验证码是 482913，10 分钟内有效。'],
  ['FusionAuth', 'Two Factor Code: 482913'],
  ['FusionAuth, another', 'Your verification code is: 482913'],
  ['Keycloak', 'Your SMS code is 482913 and is valid for 5 minutes.'],
  ['Keycloak in seconds', 'Your SMS code is 482913 and is valid for 3600 seconds.'],
  ['Keycloak in German', 'Ihr SMS-Code lautet 482913 und ist für 5 Minuten gültig.'],
  ['Keycloak in French', 'Votre code SMS est 482913 et est valable 5 minutes.'],
  ['Casdoor', 'Casdoor: your code is 482913'],
  ['Casdoor in Chinese', '您的验证码是：482913，请于5分钟内填写。'],
  ['authentik', 'Use this code to authenticate in authentik: 482913'],
  ['Authgear', 'Your OTP is 482913'],
  ['ZITADEL', '482913 is your one-time password for example.com. Use it within the next 5m0s.'],
  ['a sample company', 'Contoso: 482913 is your verification code'],
  ['an account', 'Your verification code for your Example account is 482913'],
  ['a ticket', 'The code for your ticket: 482913'],
  ['Italian', 'Il tuo codice di verifica è 482913.'],
  ['Portuguese', 'Seu código de verificação é 482913'],
  ['Polish', 'Twój kod weryfikacyjny to 482913.'],
  ['Czech', 'Váš kód je 482913 s platností 5 minut.'],
  ['Swedish', 'Din kod är 482913'],
  ['Finnish', 'Koodisi on 482913'],
  ['Russian', 'Ваш код подтверждения: 482913. Никому не сообщайте.'],
  ['Turkish', 'Doğrulama kodunuz: 482913'],
  ['Vietnamese', 'Mã xác minh của bạn là 482913'],
  ['Japanese', '認証コードは 482913 です。5分以内に入力してください。'],
  ['Korean', '인증번호는 [482913] 입니다.'],
  ['a year below', 'Your code is 482913.\n© 2026 Example'],
  ['an order', 'Use 482913 to confirm order 12345678.'],
  ['an order in German', 'Bestellnummer: 77120455. Ihr Code lautet 482913.'],
  ['a price', 'Use 482913 to pay EUR 4829 to Example'],
  ['a card', 'Use 482913 to pay with the card ending in 4829.'],
  ['a free-phone number', '482913 is your code. Not you? Call 0800 123 4567.'],
  ['another free-phone number', '482913 is your code. Questions? 0800 123 4567'],
  ['a time of the day', 'Your code is 482913. Use it by 1830.'],
  ['a time', 'Your code is 482913. It lives for 10-15 minutes.'],
  ['please', 'Please try 482913']
]

t.test('the code is found in the texts of identity providers, in many languages', async (t) => {
  for (const [what, text] of TEXTS) t.equal(found(text), /48291(?:3)?/.exec(text)?.[0], what)
})

t.test('a number that may be a year is a code right beside a word that says so', async (t) => {
  for (const text of [
    'Your code is 2024', 'Your code is: 2024.', 'Code: 2024', 'code:2024', 'code=2024', 'Your PIN is 2024', 'OTP 2024', 'PIN 2024', 'Your login code is:\n\n2024', 'Your password: "2024"', 'Ihr Code für Example lautet: 2024',
    'SMS-Code 2024', 'Votre code est 2024', 'Tu código es 2024', 'Il codice è 2024', 'Seu código é 2024', 'Ваш код: 2024', '验证码为2024，请勿泄露', '認証コード：2024', '인증번호는 2024입니다',
    '2024 is your verification code', '2024 ist Ihr Code', '2024 est votre code', '2024 es tu código', '"2024" is your Example code.'
  ]) t.equal(found(text), '2024', text)
  for (const text of [
    'Since 1998', 'Your password was changed in 2024.', 'Your PIN was changed on 20 August 2026', 'Passwort geändert im August 2026', '© 2026 Example', 'Example 2026', '2026', 'Best of 2026!', 'Use 2024',
    '2024 is the year of your code', 'A code was asked for. It is 2026', 'Código pedido en 2026'
  ]) t.equal(found(text), undefined, text)
})

t.test('what is something else is no code', async (t) => {
  for (const text of [
    'It expires in 3600 seconds', 'Valid for 1440 minutes.', 'Valid for 1440 min', 'Valid for 3600 s.', 'a 3600-second wait', '86400 sec', '1000 hours', '1000 days', 'gültig für 3600 Sekunden', 'valable 1440 minutes', 'действует 3600 секунд', '3600秒', '1440分钟有效',
    'You paid 4829 EUR', 'You paid 4829 euros', 'EUR 4829', 'Rs. 4829', 'Rs 4829 were debited', '1000 USD', '4829%', '4829 %', '4829円', '10000 points',
    'Your code expires at 1830', 'gültig bis 2359', 'Order (482913)', 'Order 482913 was sent', 'Your order #482913', 'order no. 482913', 'Order number: 482913', 'Your order number is 482913', 'ticket 482913', 'Ticket: 482913', 'invoice 482913', 'Ref 482913', 'Ref. 482913', 'reference number 482913',
    'account 482913', 'Your account 482913 was locked', 'Kundennummer 482913', 'Bestellnummer: 482913', 'Rechnung Nr. 482913', 'votre commande 482913', 'factura nº 482913', 'заказ № 482913', '订单号482913',
    'The code for order 482913 was sent', 'Case 482913: your password was reset', '#482913', '# 482913', 'card ending in 4829', 'Karte mit der Endung 4829', 'card ****4829', 'card •••• 4829',
    'Call 0800 123 4567', 'Call 0800123456', '0800 1234567', '0900-123456', '08001234567', 'Questions? 0800 482913', 'Questions? 0800123456', '0900482913', 'Call 4155550123', 'Tel. 4829130', 'Hotline: 482913'
  ]) t.equal(found(text), undefined, text)
})

t.test('where something else looks like a code too, nothing is found', async (t) => {
  for (const text of [
    '482 913 or 555555', '482-913, not 555555', 'Your code is 482 913. Site 555555', 'Your code is 48 29 13 (5555)', 'Code 482\u00a0913, room of 5555', 'Your code is K7D2Q9, site 5555', 'K7D2 or 5555', '0M53RF 555555', '12345ABCDE and 5555',
    'Use 482913 or write to 415-555-0123', '482913, then 2024 is your code', '1111 2222', 'K7D2Q9', 'Your code is 0M53RF', '482 913', '482913 555555'
  ]) t.equal(found(text), undefined, text)
  for (const text of ['482913, not K7D', '482913, not ABCDEFGHIJ1', '482913, not k7d2q9', '482913, not ABCDEF', '482913 (AB12345678901)', '482913, 1-2', '482913. Ticket K7D2Q9', '482913. Order 555-123']) t.equal(found(text), '482913', text)
})

t.test('no text takes long', async (t) => {
  const pieces = [
    '12345 ', '12345, ', '1234, ', '2024, ', '2024 is your ', 'code ', 'code 2024, ', 'code is 2024', 'code:', 'code: ', 'order 12345, ', 'order number ', 'order no no no 1234, ', 'A1', 'A1 ', 'AAAAAAAAA ', 'AAAA1 ', '1 ', '1-', '12 34 ', '1234567890 ', '*', '* 1234 ',
    '#', '# 1234 ', 'is ', 'is: ', '0800 ', '2026-08-', '2026-08-20', '1234 s', '1234 руб', 'コード', '验证码为2024，', ' ', '\u00a0', '\n', '<', '(', '"', '(2024', '$ 1234 ', 'ending in 1234, ', 'Kundennummernummer', 'a.b', '@', '+1 ', '+1234567 ', 'pin', 'otp2024,'
  ]
  let slowest = 0
  for (const piece of pieces) {
    for (const text of [piece.repeat(Math.ceil(2000 / piece.length)), `code${piece.repeat(Math.ceil(1990 / piece.length))}2024`]) {
      const started = performance.now()
      for (let round = 0; round < 5; round += 1) findCode(text)
      slowest = Math.max(slowest, (performance.now() - started) / 5)
    }
  }
  t.comment(`the slowest took ${slowest.toFixed(1)} ms`)
  t.ok(slowest < 100, `${slowest} ms`)
})
