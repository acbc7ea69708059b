import {
  type PointerEvent,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import type { BlockTexts } from '../protocol.ts';
import { clipIn } from './clip.ts';
import { applyLooks, type Looks } from './looks.ts';
import { narrowest, widest } from './place.ts';

type Props = {
  readonly hash: string;
  readonly width: number;
  readonly looks: Looks;
  /** Where its blocks are. */
  readonly blocks?: readonly BlockTexts[];
  /** A block to go to; another object goes there again. */
  readonly spot?: { readonly card: string } | null;
  /** A block was clicked. */
  readonly onBlock?: (card: string) => void;
  /** A text was clicked: it and what it stands in, the nearest first. */
  readonly onText?: (texts: readonly string[]) => void;
  /** Of the mail, to find where Gmail clips it; left out: that isn't shown. */
  readonly html?: string;
  /** Left out: its width can't be dragged. */
  readonly onWidth?: (width: number) => void;
};

/**
 * The mail itself, in a frame that can run nothing. A new mail is loaded behind the shown one and takes its place when
 * it is there, so that nothing flickers. Each mail has a frame of its own: a frame that changed its address would put
 * a step into the browser's history.
 */
export function MailFrame(props: Props) {
  const { hash, width, looks, onWidth, blocks = [], spot = null, onBlock, onText, html } = props;
  const { scheme, pictures, large } = looks;
  // Looks that are applied to a mail can't be taken off it: another look is another frame.
  const key = [hash, scheme === 'forced', pictures, large].join(' ');
  const [shown, setShown] = useState(key);
  const [height, setHeight] = useState(600);
  const [room, setRoom] = useState(width);
  const [link, setLink] = useState<string | null>(null);
  const [clip, setClip] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const scale = Math.min(1, room / width);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (link === null) return undefined;
    const timer = setTimeout(() => setLink(null), 4000);
    return () => clearTimeout(timer);
  }, [link]);

  const frames = shown === key ? [key] : [shown, key];
  return (
    <div className="frame-box" ref={box}>
      <div className="frame-size" style={{ width: width * scale, height: height * scale }}>
        {frames.map((one) => (
          <OneFrame
            key={one}
            hash={one.split(' ')[0] ?? ''}
            looks={{ scheme, pictures, large }}
            width={width}
            height={height}
            scale={scale}
            visible={one === shown}
            html={html ?? ''}
            onReady={(measured, clipped) => {
              if (one !== key) return;
              setHeight(measured);
              setClip(clipped);
              setShown(one);
            }}
            onLink={setLink}
            spot={one === shown ? (blocks.find(({ card }) => card === spot?.card) ?? null) : null}
            asked={spot}
            onPlace={(texts) => {
              const found = blocks.find((block) =>
                texts.some((text) => block.texts.includes(text)),
              );
              if (found) onBlock?.(found.card);
              onText?.(texts);
            }}
          />
        ))}
        {clip !== null && (
          <p className="clip-line" style={{ top: clip * scale }}>
            <span>Gmail clips here and shows “View entire message”</span>
          </p>
        )}
      </div>
      {onWidth && <Handle width={width} scale={scale} onWidth={onWidth} />}
      <p className={link === null ? 'toast' : 'toast up'} role="status">
        {link !== null && <>Links rest in the preview: {link}</>}
      </p>
    </div>
  );
}

const bounded = (width: number) => Math.round(Math.min(widest, Math.max(narrowest, width)));

/** Drags the mail's width; the arrow keys do so as well. */
function Handle({
  width,
  scale,
  onWidth,
}: {
  readonly width: number;
  readonly scale: number;
  readonly onWidth: (width: number) => void;
}) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const onMove = (event: PointerEvent) => {
    if (!start.current) return;
    // It stands in the middle: dragging one side by a pixel makes it two wider.
    onWidth(bounded(start.current.width + (2 * (event.clientX - start.current.x)) / scale));
  };
  return (
    <div
      className="handle"
      role="slider"
      tabIndex={0}
      aria-label="Width of the mail"
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuenow={width}
      aria-valuetext={`${width} pixels`}
      style={{ insetInlineStart: `calc(50% + ${(width * scale) / 2}px)` }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={onMove}
      onPointerUp={() => (start.current = null)}
      onKeyDown={(event) => {
        const by = { ArrowRight: 10, ArrowUp: 10, ArrowLeft: -10, ArrowDown: -10 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        onWidth(bounded(width + by));
      }}
    >
      <span>{width}</span>
    </div>
  );
}

type OneProps = {
  readonly hash: string;
  readonly looks: Looks;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly visible: boolean;
  readonly html: string;
  /** How high it is, and where Gmail clips it. */
  readonly onReady: (height: number, clip: number | null) => void;
  readonly onLink: (href: string) => void;
  readonly spot: BlockTexts | null;
  readonly asked: object | null;
  /** Something was clicked: its text and those of what it stands in, the nearest first. */
  readonly onPlace: (texts: readonly string[]) => void;
};

function OneFrame(props: OneProps) {
  const { hash, looks, width, height, scale, visible, onReady, onLink, spot, asked, onPlace } =
    props;
  const clipped = useEffectEvent((document: Document) => clipIn(document, props.html));
  const frame = useRef<HTMLIFrameElement>(null);
  const [loaded, setLoaded] = useState(false);
  const ready = useEffectEvent(onReady);
  const follow = useEffectEvent(onLink);
  const placed = useEffectEvent(onPlace);
  const dress = useEffectEvent((document: Document) => applyLooks(document, looks));
  const scheme = looks.scheme === 'dark' ? 'dark' : 'light';

  useLayoutEffect(() => {
    if (frame.current) frame.current.style.colorScheme = scheme;
  }, [scheme]);
  useEffect(() => {
    const document = frame.current?.contentDocument;
    if (!loaded || !document?.documentElement) return undefined;
    dress(document);
    const measure = () => {
      const bottom = document.body?.getBoundingClientRect().height ?? 0;
      ready(Math.ceil(Math.max(bottom, 200)), clipped(document));
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (document.body) observer.observe(document.body);
    // A link would leave the machine; it says where it goes instead.
    const onClick = (event: MouseEvent) => {
      placed(textsAt(event));
      const link = linkAt(event);
      if (link === null) return;
      event.preventDefault();
      follow(link);
    };
    document.addEventListener('click', onClick);
    return () => {
      observer.disconnect();
      document.removeEventListener('click', onClick);
    };
  }, [loaded]);

  useEffect(() => {
    const document = frame.current?.contentDocument;
    if (!loaded || !spot || !asked || !document) return undefined;
    const found = elementWith(document, spot.texts);
    if (!found) return undefined;
    found.scrollIntoView({ block: 'center' });
    const { outline } = found.style;
    found.style.outline = '3px solid #2f8f68';
    const timer = setTimeout(() => (found.style.outline = outline), 1500);
    return () => {
      clearTimeout(timer);
      found.style.outline = outline;
    };
  }, [loaded, spot, asked]);

  return (
    <iframe
      ref={frame}
      title="Mail"
      src={`/frame/${hash}`}
      sandbox="allow-same-origin"
      scrolling="no"
      className={visible ? 'frame' : 'frame waiting'}
      aria-hidden={!visible}
      style={{ width, height, transform: `scale(${scale})` }}
      onLoad={() => setLoaded(true)}
    />
  );
}

function linkAt(event: MouseEvent): string | null {
  for (const element of event.composedPath())
    if ('href' in element && typeof element.href === 'string') return element.href;
  return null;
}

const foldedText = (text: string) => text.replaceAll(/[ \t\r\n\f]+/g, ' ').trim();

const textsAt = (event: MouseEvent): string[] =>
  event
    .composedPath()
    // Elements of a frame are of its own window's classes.
    .flatMap((one) =>
      'textContent' in one && typeof one.textContent === 'string' ? [one.textContent] : [],
    )
    .map(foldedText);

/** The first element that says one of these. */
function elementWith(document: Document, texts: readonly string[]): HTMLElement | null {
  const wanted = new Set(texts);
  for (const element of document.querySelectorAll<HTMLElement>('body *'))
    if (wanted.has(foldedText(element.textContent ?? ''))) return element;
  return null;
}
