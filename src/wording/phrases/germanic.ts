import type { Phrases } from './shape.ts'

export const en: Phrases = {
  codeText: 'Your verification code is {code}.',
  codeSpeech: 'Your code is',
  again: 'Again, your code is',
  pressKey: 'Hello. This is a call with your verification code. To hear it, press any key.',
  pressToRepeat: 'To hear it again, press any key.',
  goodbye: 'Goodbye.',
  thisNumber: 'This number only sends verification codes. Nobody can answer calls here.'
}

export const de: Phrases = {
  codeText: 'Ihr Bestätigungscode lautet {code}.',
  codeSpeech: 'Ihr Code lautet',
  again: 'Noch einmal: Ihr Code lautet',
  pressKey: 'Guten Tag. Dies ist ein Anruf mit Ihrem Bestätigungscode. Um ihn zu hören, drücken Sie eine beliebige Taste.',
  pressToRepeat: 'Um ihn noch einmal zu hören, drücken Sie eine beliebige Taste.',
  goodbye: 'Auf Wiederhören.',
  thisNumber: 'Diese Nummer versendet nur Bestätigungscodes. Anrufe können hier nicht entgegengenommen werden.'
}

export const nl: Phrases = {
  codeText: 'Uw verificatiecode is {code}.',
  codeSpeech: 'Uw code is',
  again: 'Nogmaals, uw code is',
  pressKey: 'Goedendag. Dit is een oproep met uw verificatiecode. Druk op een willekeurige toets om de code te horen.',
  pressToRepeat: 'Druk op een willekeurige toets om de code nogmaals te horen.',
  goodbye: 'Tot ziens.',
  thisNumber: 'Dit nummer verstuurt alleen verificatiecodes. Oproepen kunnen hier niet worden beantwoord.'
}

export const da: Phrases = {
  codeText: 'Din bekræftelseskode er {code}.',
  codeSpeech: 'Din kode er',
  again: 'Vi gentager: Din kode er',
  pressKey: 'Hej. Dette er et opkald med din bekræftelseskode. Tryk på en vilkårlig tast for at høre den.',
  pressToRepeat: 'Tryk på en vilkårlig tast for at høre den igen.',
  goodbye: 'Farvel.',
  thisNumber: 'Dette nummer sender kun bekræftelseskoder. Ingen kan besvare opkald her.'
}

export const sv: Phrases = {
  codeText: 'Din verifieringskod är {code}.',
  codeSpeech: 'Din kod är',
  again: 'En gång till: din kod är',
  pressKey: 'Hej. Det här är ett samtal med din verifieringskod. Tryck på valfri knapp för att höra den.',
  pressToRepeat: 'Tryck på valfri knapp för att höra den igen.',
  goodbye: 'Hej då.',
  thisNumber: 'Det här numret skickar bara verifieringskoder. Ingen kan svara på samtal här.'
}

export const nb: Phrases = {
  codeText: 'Bekreftelseskoden din er {code}.',
  codeSpeech: 'Koden din er',
  again: 'En gang til: Koden din er',
  pressKey: 'Hei. Vi ringer for å gi deg bekreftelseskoden din. Trykk på en hvilken som helst tast for å høre den.',
  pressToRepeat: 'Trykk på en hvilken som helst tast for å høre den på nytt.',
  goodbye: 'Ha det bra.',
  thisNumber: 'Dette nummeret sender bare bekreftelseskoder. Ingen kan svare på anrop her.'
}

export const is: Phrases = {
  codeText: 'Staðfestingarkóðinn þinn er {code}.',
  codeSpeech: 'Kóðinn þinn er',
  again: 'Aftur, kóðinn þinn er',
  pressKey: 'Halló. Þetta er símtal með staðfestingarkóðanum þínum. Ýttu á einhvern takka til að heyra hann.',
  pressToRepeat: 'Ýttu á einhvern takka til að heyra hann aftur.',
  goodbye: 'Bless.',
  thisNumber: 'Þetta númer sendir aðeins staðfestingarkóða. Enginn getur svarað símtölum hér.'
}
