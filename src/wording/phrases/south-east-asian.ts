import type { Phrases } from './shape.ts'

export const id: Phrases = {
  codeText: 'Kode verifikasi Anda adalah {code}.',
  codeSpeech: 'Kode Anda adalah',
  again: 'Sekali lagi, kode Anda adalah',
  pressKey: 'Halo. Ini adalah panggilan untuk menyampaikan kode verifikasi Anda. Untuk mendengarnya, tekan tombol apa saja.',
  pressToRepeat: 'Untuk mendengarnya lagi, tekan tombol apa saja.',
  goodbye: 'Terima kasih.',
  thisNumber: 'Nomor ini hanya digunakan untuk mengirim kode verifikasi. Panggilan ke nomor ini tidak dapat dijawab.'
}

export const ms: Phrases = {
  codeText: 'Kod pengesahan anda ialah {code}.',
  codeSpeech: 'Kod anda ialah',
  again: 'Sekali lagi, kod anda ialah',
  pressKey: 'Helo. Panggilan ini adalah untuk menyampaikan kod pengesahan anda. Untuk mendengarnya, tekan mana-mana kekunci.',
  pressToRepeat: 'Untuk mendengarnya sekali lagi, tekan mana-mana kekunci.',
  goodbye: 'Terima kasih.',
  thisNumber: 'Nombor ini hanya digunakan untuk menghantar kod pengesahan. Panggilan ke nombor ini tidak dapat dijawab.'
}

export const fil: Phrases = {
  codeText: 'Ang inyong verification code ay {code}.',
  codeSpeech: 'Ang inyong code ay',
  again: 'Uulitin namin, ang inyong code ay',
  pressKey: 'Hello. Ito ay tawag para sa inyong verification code. Para marinig ito, pumindot ng kahit anong key.',
  pressToRepeat: 'Para marinig itong muli, pumindot ng kahit anong key.',
  goodbye: 'Paalam.',
  thisNumber: 'Ginagamit lamang ang numerong ito sa pagpapadala ng mga verification code. Walang makasasagot ng mga tawag dito.'
}

export const vi: Phrases = {
  codeText: 'Mã xác minh của bạn là {code}.',
  codeSpeech: 'Mã của bạn là',
  again: 'Xin nhắc lại, mã của bạn là',
  pressKey: 'Xin chào. Đây là cuộc gọi cung cấp mã xác minh của bạn. Để nghe mã, vui lòng nhấn phím bất kỳ.',
  pressToRepeat: 'Để nghe lại mã, vui lòng nhấn phím bất kỳ.',
  goodbye: 'Xin tạm biệt.',
  thisNumber: 'Số điện thoại này chỉ dùng để gửi mã xác minh. Không có ai trả lời cuộc gọi tại đây.'
}

// Without the polite particles, which would have to agree with the voice.
export const th: Phrases = {
  codeText: 'รหัสยืนยันของคุณคือ {code}',
  codeSpeech: 'รหัสของคุณคือ',
  again: 'ขอทวนอีกครั้ง รหัสของคุณคือ',
  pressKey: 'สวัสดี นี่คือสายโทรศัพท์แจ้งรหัสยืนยันของคุณ หากต้องการฟังรหัส โปรดกดปุ่มใดก็ได้',
  pressToRepeat: 'หากต้องการฟังรหัสอีกครั้ง โปรดกดปุ่มใดก็ได้',
  goodbye: 'ขอบคุณและสวัสดี',
  thisNumber: 'หมายเลขนี้ใช้สำหรับส่งรหัสยืนยันเท่านั้น ไม่มีเจ้าหน้าที่รับสายที่หมายเลขนี้'
}
