/**
 * Tells digits that are no code by what stands beside them. Only words of common languages are known here; digits that are
 * taken for something else by mistake cost little, because the text itself is then delivered or spoken.
 */

/** Where digits stand: at most so many characters before and after them are looked at. */
const BEFORE = 80
const AFTER = 60

/** Words for a code. Those of three letters stand by themselves; the others may be a part of a word (`Zugangscode`). */
const CODE_WORD = [
  'code', 'kode', 'kod', 'kód', 'c[oó]dig', 'codice', 'codul', 'koodi', 'κωδικ', 'код', 'קוד', 'رمز', 'कोड', 'รหัส', 'コード', '코드',
  '验证码', '驗證碼', '인증번호', '密码', '密碼', 'パスワード', '暗証番号', 'password', 'passwort', 'kennwort', 'mot de passe', 'contraseña', 'clave',
  'senha', 'hasło', 'wachtwoord', 'lösenord', 'parola', 'пароль', 'şifre', 'token', '(?<!\\p{L})(?:otp|pin|tan|mã)(?!\\p{L})'
].join('|')

/** Words that tell what follows: `code is 2024`. */
const IS = '[:：=]|(?<!\\p{L})(?:is|ist|lautet|es|est|è|é|er|är|on|jest|to|este)(?!\\p{L})[:：]?|[为為是는은は]'

/** What may stand between such a word and the digits. */
const OPENING = '[\\s"\'“”«»„‘’*(<>_]{0,6}$'

/** A word for a code in the same sentence, before what tells the digits. */
const SENTENCE_OF_CODE = `(?:${CODE_WORD})[^.!?。\\n0-9]{0,50}`
const CODE_IS = `${SENTENCE_OF_CODE}(?:${IS})${OPENING}`

const IS_CODE_WORD_NEXT = {
  before: new RegExp(`(?:${CODE_WORD})\\p{L}{0,8}${OPENING}|${CODE_IS}`, 'iu'),
  after: new RegExp(`^["'”»*)]{0,3} (?:is your|ist (?:dein|ihr)|es (?:tu|su)|est (?:votre|ton)|è il|é o)(?!\\p{L})[^.!?\\n0-9]{0,40}(?:${CODE_WORD})`, 'iu')
}

/** What has numbers of its own: `order 48291`, `Kundennummer: 48291`. */
const THINGS = [
  'order', 'ticket', 'invoice', 'reference', 'ref', 'account', 'acct', 'booking', 'case', 'request', 'transaction', 'customer', 'tracking', 'flight', 'room',
  'bestell', 'bestellung', 'auftrags?', 'rechnungs?', 'kontos?', 'kunden', 'buchungs?', 'vorgangs?', 'referenz', 'commande', 'facture', 'compte', 'référence', 'dossier',
  'pedido', 'factura', 'cuenta', 'referencia', 'reserva', 'fatura', 'conta', 'referência', 'ordine', 'fattura', 'conto', 'riferimento', 'bestelling', 'factuur', 'rekening',
  'zamówieni[ae]', 'faktur[ay]', 'konta', 'заказа?', 'сч[её]та?', 'билета?', 'sipariş'
].join('|')
const THING = `(?:(?<!\\p{L})(?:${THINGS})(?:s|nummer|nr)?(?!\\p{L})(?:[ \\t]?(?:n[or°º]|num|number|id|nummer|numéro|número|numero|номер|[.#№-])){0,3}|(?:订单|訂單|注文|주문)\\p{L}{0,4})`

const MONEY = 'eur|usd|gbp|chf|inr|cad|aud|jpy|cny|brl|mxn|pln|sek|nok|dkk|rub|aed|sgd|euros?|dollars?|pounds?|rs|rupees?|zł|kr|tl|руб\\p{L}{0,4}'
const UNIT = [
  'secs?', 'seconds?', 'sekunden?', 'secondes?', 'segundos?', 'secondi', 'sek', 'сек\\p{L}{0,4}', 'ms', 'min', 'mins', 'minut\\p{L}{0,3}', 'мин\\p{L}{0,3}', 'hrs?', 'hours?', 'stunden?',
  'heures?', 'horas?', 'ore', 'час\\p{L}{0,2}', 'days?', 'tagen?', 'tage', 'jours?', 'd[ií]as?', 'giorni', 'дн\\p{L}{0,2}', 'weeks?', 'months?', 'years?', 'points?', 'credits?', 'times', 'percent',
  // Letters that are words as well: `482913 s platností`.
  '[smhd](?! \\p{L})'
].join('|')

/** What digits are instead of a code. */
interface Reason {
  readonly itself?: RegExp
  readonly before?: RegExp
  readonly after?: RegExp
  /** Not where this stands beside them. */
  readonly unless?: { readonly before: RegExp, readonly after?: RegExp }
}

const REASONS: readonly Reason[] = [
  // A year.
  { itself: /^(?:19|20)[0-9]{2}$/, unless: IS_CODE_WORD_NEXT },
  // A time of the day.
  { itself: /^(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?$/, before: /(?<!\p{L})(?:at|until|till|by|before|um|bis|à|avant|hasta|às|até|alle) $/iu },
  // A free-phone or premium number.
  { itself: /^0[89]00[0-9 -]{3,}$/ },
  // A measure, a time or a price.
  { after: new RegExp(`^[ \\u00a0-]?(?:(?:${UNIT}|${MONEY})(?![\\p{L}'’])|[%‰°]|分|秒|小时|小時|時間|天|日間|元|円|块|초|분|시간|원)`, 'iu') },
  { before: new RegExp(`(?<!\\p{L})(?:${MONEY})\\.?[ \\u00a0]?$`, 'iu') },
  // `#4829`, and the end of something that is hidden.
  { before: /(?:[#№][ \t]?|[*•]{3,}[ -]?|(?<!\p{L})(?:ending|ends|endet|endend|endung)(?: (?:in|with|on|mit|auf))?[: ]{1,2})$/iu },
  // A number to call.
  { before: /(?<!\p{L})(?:call|dial|phone|tel|telephone|telefon|hotline|helpline|fax|rufen sie|appelez|llame al?|ligue para)[.:]{0,2}[ \t]?$/iu },
  // The number of an order, of an account and so on.
  { before: new RegExp(`${THING}[ \\t]?[(\\[]?$`, 'iu') },
  { before: new RegExp(`${THING}[ \\t]?(?:${IS})[ \\t]?$`, 'iu'), unless: { before: new RegExp(CODE_IS, 'iu') } }
]

/** Whether the characters of `text` from `start` to `end` are something else than a code, as far as one can tell. */
export const isNoCode = (text: string, start: number, end: number): boolean => {
  const itself = text.slice(start, end)
  const before = text.slice(Math.max(0, start - BEFORE), start)
  const after = text.slice(end, end + AFTER)
  return REASONS.some((reason) =>
    (reason.itself?.test(itself) ?? true) && (reason.before?.test(before) ?? true) && (reason.after?.test(after) ?? true) &&
    !(reason.unless?.before.test(before) === true || reason.unless?.after?.test(after) === true))
}
