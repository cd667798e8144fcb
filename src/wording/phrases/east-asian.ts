import type { Phrases } from './shape.ts'

// Japanese and Korean end a sentence with its verb: whole sentences announce the code, which then stands alone.
export const ja: Phrases = {
  codeText: '認証コードは {code} です。',
  codeSpeech: '認証コードをお伝えします。',
  again: 'もう一度お伝えします。',
  pressKey: 'こちらは、認証コードをお知らせする自動音声電話です。コードをお聞きになるには、いずれかのボタンを押してください。',
  pressToRepeat: 'もう一度お聞きになるには、いずれかのボタンを押してください。',
  goodbye: '失礼いたします。',
  thisNumber: 'この番号は認証コードの送信専用です。お電話をお受けすることはできません。'
}

export const ko: Phrases = {
  codeText: '인증 코드는 {code}입니다.',
  codeSpeech: '인증 코드를 알려 드리겠습니다.',
  again: '다시 한번 알려 드리겠습니다.',
  pressKey: '안녕하세요. 인증 코드를 안내해 드리는 전화입니다. 코드를 들으시려면 아무 버튼이나 눌러 주세요.',
  pressToRepeat: '다시 들으시려면 아무 버튼이나 눌러 주세요.',
  goodbye: '감사합니다.',
  thisNumber: '이 번호는 인증 코드 발송 전용입니다. 이 번호로 걸려 온 전화는 받을 수 없습니다.'
}

export const zhCN: Phrases = {
  codeText: '您的验证码是 {code}。',
  codeSpeech: '您的验证码是',
  again: '再重复一遍，您的验证码是',
  pressKey: '您好，这是为您播报验证码的电话。请按任意键收听。',
  pressToRepeat: '如需重听，请按任意键。',
  goodbye: '再见。',
  thisNumber: '此号码仅用于发送验证码，无法接听来电。'
}

export const zhTW: Phrases = {
  codeText: '您的驗證碼是 {code}。',
  codeSpeech: '您的驗證碼是',
  again: '再重複一次，您的驗證碼是',
  pressKey: '您好，這是為您播報驗證碼的電話。請按任意鍵收聽。',
  pressToRepeat: '如需重聽，請按任意鍵。',
  goodbye: '再見。',
  thisNumber: '此號碼僅用於發送驗證碼，無法接聽來電。'
}

export const zhHK: Phrases = {
  codeText: '您的驗證碼是 {code}。',
  codeSpeech: '您的驗證碼是',
  again: '再讀一次，您的驗證碼是',
  pressKey: '您好，這個電話會為您讀出驗證碼。請按任何一個鍵收聽。',
  pressToRepeat: '如需重聽，請按任何一個鍵。',
  goodbye: '再見。',
  thisNumber: '此號碼只用作發送驗證碼，無法接聽來電。'
}
