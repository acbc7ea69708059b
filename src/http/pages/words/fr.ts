import type { PageWords } from '../page-words.ts';

export const fr: PageWords = {
  unknown: {
    title: 'Ce lien ne fonctionne pas',
    text: 'Il est incomplet ou n’est plus valable. Merci d’utiliser le lien de l’e-mail le plus récent, ou d’y répondre.',
  },
  later: {
    title: 'Pas pour le moment',
    text: 'Rien n’a été modifié, car l’enregistrement n’a pas abouti. Merci de réessayer dans une minute.',
  },
  unsubscribe: {
    ask: {
      title: 'Se désabonner',
      text: (brand) =>
        `Ne plus recevoir d’offres ni de nouvelles de ${brand} à l’adresse qui a reçu ce lien ?`,
    },
    done: {
      title: 'Désabonnement confirmé',
      text: (brand) =>
        `${brand} n’enverra plus d’offres ni de nouvelles à cette adresse. Le nécessaire continue d’arriver, comme les reçus et les confirmations de réservation.`,
    },
    button: 'Se désabonner',
    topic: {
      ask: (brand, topic) => `Ne plus recevoir d’e-mails de ${brand} sur « ${topic} » ?`,
      done: (brand, topic) => `${brand} n’écrira plus au sujet de « ${topic} ».`,
      button: (topic) => `Arrêter « ${topic} »`,
      all: 'Arrêter toutes les offres et nouvelles',
    },
    more: 'Choisir ce qui continue d’arriver',
  },
  preferences: {
    title: 'Choisir ses e-mails',
    lead: (brand) =>
      `Ici se décide ce que ${brand} peut écrire. Les reçus, les confirmations et ce qui concerne l’adhésion arrivent toujours.`,
    saved: 'C’est enregistré et déjà en vigueur.',
    wrong: 'Le formulaire comportait une erreur et rien n’a été modifié. Merci de réessayer.',
    topics: 'À quel sujet',
    frequency: 'À quelle fréquence',
    often: {
      all: 'Comme cela vient',
      weekly: 'Au plus une fois par semaine',
      monthly: 'Au plus une fois par mois',
    },
    language: 'Langue',
    save: 'Enregistrer',
    stop: 'Arrêter toutes les offres et nouvelles',
    off: (brand) => `Aucune offre ni nouvelle de ${brand} n’arrive en ce moment.`,
    on: {
      text: (brand) =>
        `Je souhaite recevoir par e-mail les offres et nouvelles de ${brand}. Je peux les arrêter ici à tout moment.`,
      button: 'Les recevoir à nouveau',
    },
    blocked:
      'Aucune offre ne peut aller à cette adresse. Si c’est une erreur, merci de répondre à un e-mail.',
    erase: {
      title: 'Effacer mes données',
      text: (brand) =>
        `Demander à ${brand} d’effacer tout ce qui est connu, adhésion comprise. La demande est examinée par une personne ; d’ici là, rien n’est effacé.`,
      button: 'Demander l’effacement',
      asked: (day) => `La demande a été faite le ${day}. Elle est en cours d’examen.`,
    },
  },
};
