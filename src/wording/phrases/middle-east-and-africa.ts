import type { Phrases } from './shape.ts'

export const tr: Phrases = {
  codeText: 'Doğrulama kodunuz: {code}.',
  codeSpeech: 'Kodunuz:',
  again: 'Tekrar ediyoruz, kodunuz:',
  pressKey: 'Merhaba. Bu arama, size doğrulama kodunuzu iletmek için yapılıyor. Kodu dinlemek için herhangi bir tuşa basın.',
  pressToRepeat: 'Kodu tekrar dinlemek için herhangi bir tuşa basın.',
  goodbye: 'Hoşça kalın.',
  thisNumber: 'Bu numara yalnızca doğrulama kodu göndermek için kullanılır. Bu numaraya gelen aramalar yanıtlanamaz.'
}

// Nouns in place of imperatives, which would have to choose between a man and a woman; Hebrew likewise.
export const ar: Phrases = {
  codeText: 'رمز التحقق الخاص بك هو {code}.',
  codeSpeech: 'رمز التحقق الخاص بك هو',
  again: 'نكرر: رمز التحقق الخاص بك هو',
  pressKey: 'مرحبًا. هذه مكالمة لإبلاغك برمز التحقق الخاص بك. للاستماع إلى الرمز، يُرجى الضغط على أي زر.',
  pressToRepeat: 'للاستماع إلى الرمز مرة أخرى، يُرجى الضغط على أي زر.',
  goodbye: 'مع السلامة.',
  thisNumber: 'هذا الرقم مخصص لإرسال رموز التحقق فقط. لا يمكن الرد على المكالمات هنا.'
}

export const he: Phrases = {
  codeText: 'קוד האימות שלך הוא {code}.',
  codeSpeech: 'הקוד שלך הוא',
  again: 'שוב, הקוד שלך הוא',
  pressKey: 'שלום. זוהי שיחה למסירת קוד האימות שלך. כדי לשמוע אותו, יש ללחוץ על מקש כלשהו.',
  pressToRepeat: 'כדי לשמוע אותו שוב, יש ללחוץ על מקש כלשהו.',
  goodbye: 'להתראות.',
  thisNumber: 'מספר זה משמש לשליחת קודי אימות בלבד. אין מענה לשיחות במספר זה.'
}

export const fa: Phrases = {
  codeText: 'کد تأیید شما {code} است.',
  codeSpeech: 'کد شما:',
  again: 'تکرار می‌کنیم، کد شما:',
  pressKey: 'سلام. این تماس برای اعلام کد تأیید شما است. برای شنیدن کد، یک کلید دلخواه را فشار دهید.',
  pressToRepeat: 'برای شنیدن دوبارهٔ کد، یک کلید دلخواه را فشار دهید.',
  goodbye: 'خدانگهدار.',
  thisNumber: 'این شماره فقط برای ارسال کد تأیید است. در اینجا کسی نمی‌تواند به تماس‌ها پاسخ دهد.'
}

export const sw: Phrases = {
  codeText: 'Msimbo wako wa uthibitishaji ni {code}.',
  codeSpeech: 'Msimbo wako ni',
  again: 'Tunarudia, msimbo wako ni',
  pressKey: 'Habari. Hii ni simu ya kukupa msimbo wako wa uthibitishaji. Ili kuusikia, bonyeza kitufe chochote.',
  pressToRepeat: 'Ili kuusikia tena, bonyeza kitufe chochote.',
  goodbye: 'Kwaheri.',
  thisNumber: 'Nambari hii hutuma misimbo ya uthibitishaji pekee. Hakuna anayeweza kujibu simu hapa.'
}
