import type { PageWords } from '../page-words.ts';

export const de: PageWords = {
  unknown: {
    title: 'Dieser Link funktioniert nicht',
    text: 'Er ist unvollständig oder nicht mehr gültig. Bitte den Link aus der neuesten Mail verwenden oder auf diese Mail antworten.',
  },
  later: {
    title: 'Gerade geht es nicht',
    text: 'Es wurde nichts geändert, weil es nicht gespeichert werden konnte. Bitte in einer Minute noch einmal versuchen.',
  },
  unsubscribe: {
    ask: {
      title: 'Abmelden',
      text: (brand) =>
        `Keine Angebote und Neuigkeiten von ${brand} mehr an die Adresse, die diesen Link bekommen hat?`,
    },
    done: {
      title: 'Abmeldung bestätigt',
      text: (brand) =>
        `${brand} schickt keine Angebote und Neuigkeiten mehr an diese Adresse. Was nötig ist, kommt weiterhin: Belege zum Beispiel und Buchungsbestätigungen.`,
    },
    button: 'Abmelden',
    topic: {
      ask: (brand, topic) => `Keine Mails von ${brand} zum Thema „${topic}“ mehr?`,
      done: (brand, topic) => `${brand} schickt keine Mails zum Thema „${topic}“ mehr.`,
      button: (topic) => `„${topic}“ beenden`,
      all: 'Alle Angebote und Neuigkeiten beenden',
    },
    more: 'Auswählen, was sonst noch kommt',
  },
  preferences: {
    title: 'Mails auswählen',
    lead: (brand) =>
      `Hier steht, worüber ${brand} schreiben darf. Belege, Bestätigungen und was die Mitgliedschaft betrifft, kommen immer.`,
    saved: 'Gespeichert. Es gilt ab sofort.',
    wrong:
      'Etwas am Formular stimmte nicht, und es wurde nichts geändert. Bitte noch einmal versuchen.',
    topics: 'Worüber',
    frequency: 'Wie oft',
    often: {
      all: 'Wie es kommt',
      weekly: 'Höchstens einmal in der Woche',
      monthly: 'Höchstens einmal im Monat',
    },
    language: 'Sprache',
    save: 'Speichern',
    stop: 'Alle Angebote und Neuigkeiten beenden',
    off: (brand) => `Zurzeit kommen keine Angebote und Neuigkeiten von ${brand}.`,
    on: {
      text: (brand) =>
        `Ich möchte Angebote und Neuigkeiten von ${brand} per Mail bekommen. Das lässt sich hier jederzeit beenden.`,
      button: 'Wieder bekommen',
    },
    blocked:
      'An diese Adresse können keine Angebote gehen. Falls das nicht stimmt, bitte auf eine Mail antworten.',
    erase: {
      title: 'Meine Daten löschen',
      text: (brand) =>
        `${brand} bitten, alles zu löschen, was dort bekannt ist, auch die Mitgliedschaft. Die Bitte wird von einem Menschen geprüft; bis dahin wird nichts gelöscht.`,
      button: 'Um Löschung bitten',
      asked: (day) => `Darum wurde am ${day} gebeten. Es wird geprüft.`,
    },
  },
};
