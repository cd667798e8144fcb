import type { Phrases } from './shape.ts'

// Words that Spain and Latin America share: "presione", not "pulse" or "oprima".
export const es: Phrases = {
  codeText: 'Su código de verificación es {code}.',
  codeSpeech: 'Su código es',
  again: 'De nuevo, su código es',
  pressKey: 'Hola. Esta es una llamada con su código de verificación. Para escucharlo, presione cualquier tecla.',
  pressToRepeat: 'Para escucharlo de nuevo, presione cualquier tecla.',
  goodbye: 'Adiós.',
  thisNumber: 'Este número solo envía códigos de verificación. Aquí nadie puede atender llamadas.'
}

export const ptBR: Phrases = {
  codeText: 'Seu código de verificação é {code}.',
  codeSpeech: 'Seu código é',
  again: 'Mais uma vez, seu código é',
  pressKey: 'Olá. Esta é uma ligação com o seu código de verificação. Para ouvi-lo, pressione qualquer tecla.',
  pressToRepeat: 'Para ouvi-lo novamente, pressione qualquer tecla.',
  goodbye: 'Até logo.',
  thisNumber: 'Este número apenas envia códigos de verificação. Ninguém pode atender ligações aqui.'
}

export const ptPT: Phrases = {
  codeText: 'O seu código de verificação é {code}.',
  codeSpeech: 'O seu código é',
  again: 'Mais uma vez, o seu código é',
  pressKey: 'Olá. Esta é uma chamada com o seu código de verificação. Para o ouvir, prima qualquer tecla.',
  pressToRepeat: 'Para o ouvir novamente, prima qualquer tecla.',
  goodbye: 'Adeus.',
  thisNumber: 'Este número serve apenas para enviar códigos de verificação. Ninguém pode atender chamadas aqui.'
}

export const fr: Phrases = {
  codeText: 'Votre code de vérification est {code}.',
  codeSpeech: 'Votre code est',
  again: 'Encore une fois, votre code est',
  pressKey: 'Bonjour. Nous vous appelons pour vous communiquer votre code de vérification. Pour l’écouter, appuyez sur n’importe quelle touche.',
  pressToRepeat: 'Pour l’écouter à nouveau, appuyez sur n’importe quelle touche.',
  goodbye: 'Au revoir.',
  thisNumber: 'Ce numéro sert uniquement à envoyer des codes de vérification. Personne ne peut y répondre aux appels.'
}

// Without possessives: "Il tuo" is too familiar for a call, "Il Suo" too stiff for a text.
export const it: Phrases = {
  codeText: 'Il codice di verifica è {code}.',
  codeSpeech: 'Il codice è',
  again: 'Ripetiamo: il codice è',
  pressKey: 'Buongiorno. Questa è una chiamata con il suo codice di verifica. Per ascoltarlo, prema un tasto qualsiasi.',
  pressToRepeat: 'Per ascoltarlo di nuovo, prema un tasto qualsiasi.',
  goodbye: 'Arrivederci.',
  thisNumber: 'Questo numero serve solo a inviare codici di verifica. Nessuno può rispondere alle chiamate.'
}

export const ca: Phrases = {
  codeText: 'El seu codi de verificació és {code}.',
  codeSpeech: 'El seu codi és',
  again: 'Repetim: el seu codi és',
  pressKey: 'Hola. Aquesta és una trucada amb el seu codi de verificació. Per escoltar-lo, premi qualsevol tecla.',
  pressToRepeat: 'Per tornar-lo a escoltar, premi qualsevol tecla.',
  goodbye: 'Adeu.',
  thisNumber: 'Aquest número només envia codis de verificació. Aquí ningú no pot atendre trucades.'
}

export const ro: Phrases = {
  codeText: 'Codul dumneavoastră de verificare este {code}.',
  codeSpeech: 'Codul dumneavoastră este',
  again: 'Repetăm: codul dumneavoastră este',
  pressKey: 'Bună ziua. Acesta este un apel cu codul dumneavoastră de verificare. Pentru a-l asculta, apăsați orice tastă.',
  pressToRepeat: 'Pentru a-l asculta din nou, apăsați orice tastă.',
  goodbye: 'La revedere.',
  thisNumber: 'Acest număr este folosit doar pentru trimiterea codurilor de verificare. Nimeni nu poate răspunde la apeluri aici.'
}
