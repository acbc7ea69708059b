export const schemes = ['light', 'dark', 'forced'] as const;
export type Scheme = (typeof schemes)[number];

/** How a mail is looked at, beyond its width. */
export type Looks = {
  readonly scheme: Scheme;
  readonly pictures: boolean;
  readonly large: boolean;
};

/** As the page says it, with pictures and letters as they are where it doesn't. */
export const looksOf = ({
  scheme,
  pictures,
  large,
}: {
  readonly scheme: Scheme;
  readonly pictures: boolean | null;
  readonly large: boolean | null;
}): Looks => ({ scheme, pictures: pictures ?? true, large: large ?? false });

/**
 * Does the same in another browser's page: this function with all that it needs, as text. All of them are declared functions with
 * no named ones within: what a compiler adds to those isn't in that page.
 */
export const looksScript = (looks: Looks): string =>
  [
    applyLooks,
    withoutPictures,
    withLargeType,
    withForcedDark,
    darkened,
    lightened,
    turned,
    elementsOf,
    styleOf,
    `applyLooks(document, ${JSON.stringify(looks)});`,
  ].join('\n');

/** Makes a loaded mail look as a mail program would show it; its bytes stay as they are. */
export function applyLooks(document: Document, { scheme, pictures, large }: Looks): void {
  if (!pictures) withoutPictures(document);
  if (large) withLargeType(document);
  if (scheme === 'forced') withForcedDark(document);
}

/** As long as pictures aren't loaded: their words, in the room they would take. */
function withoutPictures(document: Document): void {
  for (const image of document.images) {
    image.removeAttribute('src');
    image.removeAttribute('srcset');
    image.style.outline = '1px dashed #8888';
  }
  for (const element of elementsOf(document))
    if (styleOf(element).backgroundImage !== 'none') element.style.backgroundImage = 'none';
}

/** Letters at 200 %, as the system's setting makes them. */
function withLargeType(document: Document): void {
  const sizes = elementsOf(document).map((element) => {
    const { fontSize, lineHeight } = styleOf(element);
    return { element, size: Number.parseFloat(fontSize), line: Number.parseFloat(lineHeight) };
  });
  for (const { element, size, line } of sizes) {
    element.style.setProperty('font-size', `${size * 2}px`, 'important');
    if (Number.isFinite(line))
      element.style.setProperty('line-height', `${line * 2}px`, 'important');
  }
}

/**
 * What Gmail's and Outlook's apps do to a mail in the dark, whatever its author wrote: light grounds become dark ones, dark
 * letters light ones, colours keep their hue; pictures stay.
 */
function withForcedDark(document: Document): void {
  const seen = elementsOf(document).map((element) => {
    const { backgroundColor, color, borderTopColor } = styleOf(element);
    return { element, backgroundColor, color, borderTopColor };
  });
  document.documentElement.style.setProperty('background-color', '#121212', 'important');
  for (const { element, backgroundColor, color, borderTopColor } of seen) {
    for (const [name, value] of [
      ['background-color', darkened(backgroundColor)],
      ['color', lightened(color)],
      ['border-color', darkened(borderTopColor)],
    ] as const)
      if (value !== null) element.style.setProperty(name, value, 'important');
  }
}

function darkened(colour: string) {
  return turned(colour, (light) => (light > 0.5 ? 1.07 - light : light));
}
function lightened(colour: string) {
  return turned(colour, (light) => (light < 0.5 ? 0.95 - light : light));
}

/** The colour with another lightness; null where it is see-through. */
function turned(colour: string, turn: (lightness: number) => number): string | null {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  if (alpha === 0) return null;
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const light = (most + least) / 2;
  const spread = most - least;
  const saturation = spread === 0 ? 0 : spread / (1 - Math.abs(2 * light - 1));
  const hue =
    spread === 0
      ? 0
      : 60 *
        (most === r ? (g - b) / spread : most === g ? 2 + (b - r) / spread : 4 + (r - g) / spread);
  const next = Math.min(0.95, Math.max(0.07, turn(light)));
  return `hsl(${hue.toFixed(0)} ${(100 * saturation).toFixed(0)}% ${(100 * next).toFixed(0)}% / ${alpha})`;
}

function elementsOf(document: Document): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('body, body *')];
}
function styleOf(element: HTMLElement) {
  return (element.ownerDocument.defaultView ?? window).getComputedStyle(element);
}
