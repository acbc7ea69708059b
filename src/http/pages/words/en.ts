import type { PageWords } from '../page-words.ts';

export const en: PageWords = {
  unknown: {
    title: 'This link does not work',
    text: 'It is incomplete or no longer valid. Please use the link in your latest mail, or reply to that mail.',
  },
  later: {
    title: 'Not just now',
    text: 'Nothing was changed, since we could not store it. Please try again in a minute.',
  },
  unsubscribe: {
    ask: {
      title: 'Unsubscribe',
      text: (brand) =>
        `Stop receiving offers and news from ${brand} at the address this link was sent to?`,
    },
    done: {
      title: 'You are unsubscribed',
      text: (brand) =>
        `${brand} won’t send offers and news to your address any more. You will still get what you need, such as receipts and booking confirmations.`,
    },
    button: 'Unsubscribe',
    topic: {
      ask: (brand, topic) => `Stop receiving mails from ${brand} about “${topic}”?`,
      done: (brand, topic) => `${brand} won’t write to you about “${topic}” any more.`,
      button: (topic) => `Stop “${topic}”`,
      all: 'Stop all offers and news',
    },
    more: 'Choose what else you get',
  },
  preferences: {
    title: 'Your mails',
    lead: (brand) =>
      `Choose what ${brand} writes to you about. Receipts, confirmations and what concerns your membership always come.`,
    saved: 'Saved. It counts from now on.',
    wrong: 'Something in the form was not right, and nothing was changed. Please try again.',
    topics: 'What about',
    frequency: 'How often',
    often: { all: 'As it comes', weekly: 'At most once a week', monthly: 'At most once a month' },
    language: 'Language',
    save: 'Save',
    stop: 'Stop all offers and news',
    off: (brand) => `You get no offers or news from ${brand}.`,
    on: {
      text: (brand) =>
        `I would like offers and news from ${brand} by mail. I can stop them here at any time.`,
      button: 'Receive them again',
    },
    blocked: 'No offers can go to this address. Please reply to a mail if that is not right.',
    erase: {
      title: 'Erase my data',
      text: (brand) =>
        `Ask ${brand} to delete what it knows of you, your membership included. Somebody will look at it; until then nothing is deleted.`,
      button: 'Ask for erasure',
      asked: (day) => `You asked for this on ${day}. Somebody will look at it.`,
    },
  },
};
