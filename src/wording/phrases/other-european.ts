import type { Phrases } from './shape.ts'

export const fi: Phrases = {
  codeText: 'Vahvistuskoodisi on {code}.',
  codeSpeech: 'Koodisi on',
  again: 'Vielä kerran: koodisi on',
  pressKey: 'Hei. Tässä puhelussa kerrotaan vahvistuskoodisi. Kuuntele koodi painamalla mitä tahansa näppäintä.',
  pressToRepeat: 'Kuuntele koodi uudelleen painamalla mitä tahansa näppäintä.',
  goodbye: 'Kuulemiin.',
  thisNumber: 'Tästä numerosta lähetetään vain vahvistuskoodeja. Tähän numeroon tuleviin puheluihin ei voida vastata.'
}

export const et: Phrases = {
  codeText: 'Teie kinnituskood on {code}.',
  codeSpeech: 'Teie kood on',
  again: 'Kordame: teie kood on',
  pressKey: 'Tere. Helistame, et edastada teile kinnituskood. Koodi kuulamiseks vajutage mis tahes klahvi.',
  pressToRepeat: 'Koodi uuesti kuulamiseks vajutage mis tahes klahvi.',
  goodbye: 'Kuulmiseni.',
  thisNumber: 'Sellelt numbrilt saadetakse ainult kinnituskoode. Kõnedele siin ei vastata.'
}

// Hungarian says this without a verb; the colon makes the pause.
export const hu: Phrases = {
  codeText: 'Az Ön ellenőrző kódja: {code}.',
  codeSpeech: 'Az Ön kódja:',
  again: 'Még egyszer, az Ön kódja:',
  pressKey: 'Üdvözöljük! Ebben a hívásban az ellenőrző kódját közöljük. A kód meghallgatásához nyomjon meg egy tetszőleges gombot.',
  pressToRepeat: 'A kód ismételt meghallgatásához nyomjon meg egy tetszőleges gombot.',
  goodbye: 'Viszonthallásra.',
  thisNumber: 'Erről a számról csak ellenőrző kódokat küldünk. A hívásokat itt senki sem tudja fogadni.'
}

export const lv: Phrases = {
  codeText: 'Jūsu verifikācijas kods ir {code}.',
  codeSpeech: 'Jūsu kods ir',
  again: 'Atkārtojam: jūsu kods ir',
  pressKey: 'Labdien! Zvanām, lai paziņotu jums verifikācijas kodu. Lai to noklausītos, nospiediet jebkuru taustiņu.',
  pressToRepeat: 'Lai to noklausītos vēlreiz, nospiediet jebkuru taustiņu.',
  goodbye: 'Uz redzēšanos.',
  thisNumber: 'No šī numura tiek sūtīti tikai verifikācijas kodi. Uz zvaniem šeit neviens neatbild.'
}

export const lt: Phrases = {
  codeText: 'Jūsų patvirtinimo kodas yra {code}.',
  codeSpeech: 'Jūsų kodas yra',
  again: 'Kartojame: jūsų kodas yra',
  pressKey: 'Laba diena. Skambiname norėdami pranešti jums patvirtinimo kodą. Norėdami jį išgirsti, paspauskite bet kurį klavišą.',
  pressToRepeat: 'Norėdami jį išgirsti dar kartą, paspauskite bet kurį klavišą.',
  goodbye: 'Viso gero.',
  thisNumber: 'Šis numeris skirtas tik patvirtinimo kodams siųsti. Į skambučius čia niekas neatsako.'
}

export const el: Phrases = {
  codeText: 'Ο κωδικός επαλήθευσής σας είναι {code}.',
  codeSpeech: 'Ο κωδικός σας είναι',
  again: 'Επαναλαμβάνουμε: ο κωδικός σας είναι',
  pressKey: 'Γεια σας. Σας καλούμε για να σας δώσουμε τον κωδικό επαλήθευσης. Για να τον ακούσετε, πατήστε οποιοδήποτε πλήκτρο.',
  pressToRepeat: 'Για να τον ακούσετε ξανά, πατήστε οποιοδήποτε πλήκτρο.',
  goodbye: 'Αντίο σας.',
  thisNumber: 'Αυτός ο αριθμός χρησιμοποιείται μόνο για την αποστολή κωδικών επαλήθευσης. Κανείς δεν μπορεί να απαντήσει σε κλήσεις εδώ.'
}

export const sq: Phrases = {
  codeText: 'Kodi juaj i verifikimit është {code}.',
  codeSpeech: 'Kodi juaj është',
  again: 'Edhe një herë, kodi juaj është',
  pressKey: 'Përshëndetje. Kjo është një telefonatë me kodin tuaj të verifikimit. Për ta dëgjuar, shtypni cilindo buton.',
  pressToRepeat: 'Për ta dëgjuar përsëri, shtypni cilindo buton.',
  goodbye: 'Mirupafshim.',
  thisNumber: 'Ky numër dërgon vetëm kode verifikimi. Askush nuk mund t’u përgjigjet telefonatave këtu.'
}
