import { type Catalogue, Offer } from '../../src/brand/catalogue.ts';
import type { SampleBrand } from './world.ts';

const offersOf: Readonly<Record<SampleBrand, readonly Partial<Offer>[]>> = {
  juniper: [
    {
      offerId: 'double-stars',
      kind: 'bonus-points',
      title: {
        en: 'Double stars on oat milk drinks',
        de: 'Doppelte Sterne auf Haferdrinks',
        fr: 'Étoiles doubles sur les boissons à l’avoine',
        ar: 'نجوم مضاعفة على مشروبات الشوفان',
      },
      body: {
        en: 'Every drink with oat milk counts twice until the end of the month.',
        de: 'Jeder Drink mit Hafermilch zählt bis Monatsende doppelt.',
        fr: 'Chaque boisson au lait d’avoine compte double jusqu’à la fin du mois.',
        ar: 'كل مشروب بحليب الشوفان يُحتسب مرتين حتى نهاية الشهر.',
      },
    },
    {
      offerId: 'cake',
      kind: 'free-product',
      title: {
        en: 'A slice of banana bread on us',
        de: 'Ein Stück Bananenbrot geht auf uns',
        fr: 'Une part de banana bread offerte',
        ar: 'قطعة من خبز الموز على حسابنا',
      },
      body: {
        en: 'With any large drink, in all our cafés.',
        de: 'Zu jedem großen Getränk, in allen Cafés.',
        fr: 'Avec toute grande boisson, dans tous nos cafés.',
        ar: 'مع أي مشروب كبير، في جميع مقاهينا.',
      },
      code: 'BREAD26',
    },
    {
      offerId: 'reserve-tasting',
      kind: 'early-access',
      categories: ['coffee'],
      title: {
        en: 'The winter roasts',
        de: 'Die Winterröstungen',
        fr: 'Les torréfactions d’hiver',
        ar: 'محمصات الشتاء',
      },
      body: {
        en: 'Three small lots from Huila and Yirgacheffe, roasted this week.',
        de: 'Drei kleine Partien aus Huila und Yirgacheffe, diese Woche geröstet.',
        fr: 'Trois petits lots de Huila et de Yirgacheffe, torréfiés cette semaine.',
        ar: 'ثلاث دفعات صغيرة من هويلا ويرغاشيف، حُمّصت هذا الأسبوع.',
      },
    },
    {
      offerId: 'tasting',
      kind: 'free-product',
      tiers: ['reserve'],
      title: {
        en: 'An evening at the roastery',
        de: 'Ein Abend in der Rösterei',
        fr: 'Une soirée à la torréfaction',
        ar: 'أمسية في المحمصة',
      },
      body: {
        en: 'A tasting for two, once a season.',
        de: 'Eine Verkostung für zwei, einmal je Jahreszeit.',
        fr: 'Une dégustation à deux, une fois par saison.',
        ar: 'جلسة تذوّق لشخصين مرة كل موسم.',
      },
    },
  ],
  kestrel: [
    {
      offerId: 'seat',
      kind: 'discount',
      title: {
        en: 'A seat with more room, 20% less',
        de: 'Mehr Platz am Sitz, 20 % günstiger',
        fr: 'Un siège plus spacieux, 20 % de moins',
        ar: 'مقعد أوسع بخصم 20%',
      },
      body: {
        en: 'Rows one to five, on every flight within Europe.',
        de: 'Reihe eins bis fünf, auf allen Flügen innerhalb Europas.',
        fr: 'Rangs un à cinq, sur tous les vols en Europe.',
        ar: 'الصفوف من الأول إلى الخامس على جميع رحلاتنا داخل أوروبا.',
      },
      code: 'ROOM20',
    },
    {
      offerId: 'platinum-first-sale',
      kind: 'early-access',
      categories: ['flights'],
      title: {
        en: 'The summer timetable',
        de: 'Der Sommerflugplan',
        fr: 'Le programme d’été',
        ar: 'جدول رحلات الصيف',
      },
      body: {
        en: 'New from Hamburg: Bergen, Palermo and Porto.',
        de: 'Neu ab Hamburg: Bergen, Palermo und Porto.',
        fr: 'Nouveau au départ de Hambourg : Bergen, Palerme et Porto.',
        ar: 'جديد من هامبورغ: بيرغن وباليرمو وبورتو.',
      },
    },
    {
      offerId: 'upgrade',
      kind: 'discount',
      tiers: ['platinum'],
      title: {
        en: 'Upgrades at half the miles',
        de: 'Upgrades für die halben Meilen',
        fr: 'Surclassements à moitié miles',
        ar: 'ترقيات بنصف الأميال',
      },
      body: {
        en: 'On every flight, until a day before departure.',
        de: 'Auf allen Flügen, bis einen Tag vor Abflug.',
        fr: 'Sur tous les vols, jusqu’à la veille du départ.',
        ar: 'على جميع الرحلات حتى اليوم السابق للمغادرة.',
      },
    },
  ],
  halden: [
    {
      offerId: 'first-look',
      kind: 'early-access',
      categories: ['activewear'],
      title: {
        en: 'The Stride collection, two days early',
        de: 'Die Stride-Kollektion, zwei Tage früher',
        fr: 'La collection Stride, deux jours plus tôt',
        ar: 'مجموعة Stride قبل الجميع بيومين',
      },
      body: {
        en: 'Running tights and layers in recycled merino. The door opens for you on Thursday.',
        de: 'Lauftights und Schichten aus recycelter Merinowolle. Für dich schon ab Donnerstag.',
        fr: 'Collants et couches de course en mérinos recyclé. Pour vous dès jeudi.',
        ar: 'ملابس جري من صوف الميرينو المعاد تدويره، متاحة لك ابتداءً من الخميس.',
      },
    },
    {
      offerId: 'tailors',
      kind: 'free-product',
      tiers: ['cashmere'],
      title: {
        en: 'A coat made to your measure',
        de: 'Ein Mantel nach deinem Maß',
        fr: 'Un manteau à vos mesures',
        ar: 'معطف بمقاساتك',
      },
      body: {
        en: 'Our tailors cut the lining for you. At no extra charge.',
        de: 'Unsere Schneiderinnen schneiden das Futter für dich zu. Ohne Aufpreis.',
        fr: 'Nos tailleurs coupent la doublure pour vous. Sans supplément.',
        ar: 'يقصّ خيّاطونا البطانة على مقاسك، من دون تكلفة إضافية.',
      },
    },
  ],
  marlowe: [
    {
      offerId: 'first-look',
      kind: 'early-access',
      categories: ['tickets'],
      title: {
        en: 'The winter premieres',
        de: 'Die Premieren des Winters',
        fr: 'Les avant-premières de l’hiver',
        ar: 'عروض الشتاء الأولى',
      },
      body: {
        en: 'Four films nobody has seen yet, and the best rows still free.',
        de: 'Vier Filme, die noch niemand gesehen hat, und die besten Reihen sind noch frei.',
        fr: 'Quatre films que personne n’a encore vus, et les meilleurs rangs encore libres.',
        ar: 'أربعة أفلام لم يشاهدها أحد بعد، وأفضل الصفوف ما زالت شاغرة.',
      },
    },
    {
      offerId: 'director-talk',
      kind: 'discount',
      tiers: ['icon'],
      title: {
        en: 'An evening with the director',
        de: 'Ein Abend mit der Regisseurin',
        fr: 'Une soirée avec la réalisatrice',
        ar: 'أمسية مع المخرجة',
      },
      body: {
        en: 'Two seats at half the price, questions welcome.',
        de: 'Zwei Plätze zum halben Preis, Fragen erwünscht.',
        fr: 'Deux places à moitié prix, questions bienvenues.',
        ar: 'مقعدان بنصف السعر، والأسئلة مرحّب بها.',
      },
    },
    {
      offerId: 'two-for-tuesday',
      kind: 'discount',
      title: {
        en: 'Two for Tuesday',
        de: 'Dienstags zu zweit',
        fr: 'Le mardi, c’est à deux',
        ar: 'الثلاثاء لشخصين',
      },
      body: {
        en: 'Bring somebody along: the second ticket is on the house.',
        de: 'Bring jemanden mit: Das zweite Ticket geht aufs Haus.',
        fr: 'Viens accompagné : le deuxième billet est pour nous.',
        ar: 'اصطحب من تحب: التذكرة الثانية على حسابنا.',
      },
      code: 'DUO',
    },
    {
      offerId: 'nachos-double',
      kind: 'bonus-points',
      title: {
        en: 'Double reels on every snack',
        de: 'Doppelte Filmrollen auf jeden Snack',
        fr: 'Bobines doubles sur tous les en-cas',
        ar: 'بكرات مضاعفة على كل الوجبات الخفيفة',
      },
      body: {
        en: 'All of November, at the counter and in the app.',
        de: 'Den ganzen November, an der Theke und in der App.',
        fr: 'Tout le mois de novembre, au comptoir et dans l’appli.',
        ar: 'طوال نوفمبر، عند المنضدة وفي التطبيق.',
      },
    },
  ],
};

/** Offers anyone may have, so that a mail shows how they look. */
export function sampleCatalogue(brand: SampleBrand): Catalogue {
  return {
    version: '1',
    products: new Map(),
    offers: offersOf[brand].map((offer) =>
      Offer.parse({
        brand,
        introduces: true,
        startsAt: '2026-11-01T00:00:00Z',
        endsAt: '2026-11-30T22:59:59Z',
        url: `https://www.${brand}.example/offers/${offer.offerId ?? ''}`,
        ...offer,
      }),
    ),
  };
}
