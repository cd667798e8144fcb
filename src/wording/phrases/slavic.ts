import type { Phrases } from './shape.ts'

export const pl: Phrases = {
  codeText: 'Kod weryfikacyjny to {code}.',
  codeSpeech: 'Kod weryfikacyjny to',
  again: 'Powtarzamy: kod weryfikacyjny to',
  pressKey: 'Dzień dobry. Dzwonimy, aby przekazać kod weryfikacyjny. Aby go usłyszeć, proszę nacisnąć dowolny klawisz.',
  pressToRepeat: 'Aby usłyszeć go ponownie, proszę nacisnąć dowolny klawisz.',
  goodbye: 'Do usłyszenia.',
  thisNumber: 'Ten numer służy wyłącznie do wysyłania kodów weryfikacyjnych. Nikt nie odbiera tu połączeń.'
}

export const cs: Phrases = {
  codeText: 'Váš ověřovací kód je {code}.',
  codeSpeech: 'Váš kód je',
  again: 'Opakujeme: váš kód je',
  pressKey: 'Dobrý den. Voláme, abychom vám sdělili ověřovací kód. Chcete-li si ho poslechnout, stiskněte libovolné tlačítko.',
  pressToRepeat: 'Chcete-li si ho poslechnout znovu, stiskněte libovolné tlačítko.',
  goodbye: 'Na slyšenou.',
  thisNumber: 'Toto číslo slouží pouze k odesílání ověřovacích kódů. Hovory zde nikdo nepřijímá.'
}

export const sk: Phrases = {
  codeText: 'Váš overovací kód je {code}.',
  codeSpeech: 'Váš kód je',
  again: 'Opakujeme: váš kód je',
  pressKey: 'Dobrý deň. Voláme, aby sme vám oznámili overovací kód. Ak si ho chcete vypočuť, stlačte ľubovoľné tlačidlo.',
  pressToRepeat: 'Ak si ho chcete vypočuť znova, stlačte ľubovoľné tlačidlo.',
  goodbye: 'Dopočutia.',
  thisNumber: 'Toto číslo slúži iba na odosielanie overovacích kódov. Hovory tu nikto neprijíma.'
}

export const sl: Phrases = {
  codeText: 'Vaša potrditvena koda je {code}.',
  codeSpeech: 'Vaša koda je',
  again: 'Ponavljamo: vaša koda je',
  pressKey: 'Pozdravljeni. Kličemo vas, da vam sporočimo potrditveno kodo. Če jo želite slišati, pritisnite katero koli tipko.',
  pressToRepeat: 'Če jo želite slišati še enkrat, pritisnite katero koli tipko.',
  goodbye: 'Nasvidenje.',
  thisNumber: 'Ta številka je namenjena samo pošiljanju potrditvenih kod. Na klice tukaj nihče ne odgovarja.'
}

export const hr: Phrases = {
  codeText: 'Vaš kod za potvrdu je {code}.',
  codeSpeech: 'Vaš kod je',
  again: 'Ponavljamo: vaš kod je',
  pressKey: 'Dobar dan. Zovemo vas kako bismo vam priopćili kod za potvrdu. Da biste ga čuli, pritisnite bilo koju tipku.',
  pressToRepeat: 'Da biste ga čuli ponovno, pritisnite bilo koju tipku.',
  goodbye: 'Doviđenja.',
  thisNumber: 'Ovaj broj služi samo za slanje kodova za potvrdu. Na pozive ovdje nitko ne odgovara.'
}

// In Cyrillic, because the Serbian voice is.
export const sr: Phrases = {
  codeText: 'Ваш код за потврду је {code}.',
  codeSpeech: 'Ваш код је',
  again: 'Понављамо: ваш код је',
  pressKey: 'Добар дан. Зовемо вас да бисмо вам саопштили код за потврду. Да бисте га чули, притисните било који тастер.',
  pressToRepeat: 'Да бисте га чули поново, притисните било који тастер.',
  goodbye: 'Довиђења.',
  thisNumber: 'Овај број служи само за слање кодова за потврду. На позиве овде нико не одговара.'
}

export const bg: Phrases = {
  codeText: 'Вашият код за потвърждение е {code}.',
  codeSpeech: 'Вашият код е',
  again: 'Повтаряме: Вашият код е',
  pressKey: 'Здравейте. Обаждаме се, за да Ви съобщим код за потвърждение. За да го чуете, натиснете произволен клавиш.',
  pressToRepeat: 'За да го чуете отново, натиснете произволен клавиш.',
  goodbye: 'Дочуване.',
  thisNumber: 'Този номер служи само за изпращане на кодове за потвърждение. Тук никой не може да приема обаждания.'
}

export const ru: Phrases = {
  codeText: 'Ваш код подтверждения: {code}.',
  codeSpeech: 'Ваш код:',
  again: 'Повторяем. Ваш код:',
  pressKey: 'Здравствуйте. Мы звоним, чтобы сообщить вам код подтверждения. Чтобы прослушать его, нажмите любую клавишу.',
  pressToRepeat: 'Чтобы прослушать его ещё раз, нажмите любую клавишу.',
  goodbye: 'До свидания.',
  thisNumber: 'Этот номер используется только для отправки кодов подтверждения. На звонки здесь никто не отвечает.'
}

export const uk: Phrases = {
  codeText: 'Ваш код підтвердження: {code}.',
  codeSpeech: 'Ваш код:',
  again: 'Повторюємо. Ваш код:',
  pressKey: 'Вітаємо. Ми телефонуємо, щоб повідомити вам код підтвердження. Щоб прослухати його, натисніть будь-яку клавішу.',
  pressToRepeat: 'Щоб прослухати його ще раз, натисніть будь-яку клавішу.',
  goodbye: 'До побачення.',
  thisNumber: 'Цей номер використовується лише для надсилання кодів підтвердження. На дзвінки тут ніхто не відповідає.'
}
