import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';

type Props = { readonly hash: string; readonly width: number; readonly scheme: 'light' | 'dark' };

/**
 * The mail itself, in a frame that can run nothing. A new mail is loaded behind the shown one and takes its place when
 * it is there, so that nothing flickers. Each mail has a frame of its own: a frame that changed its address would put
 * a step into the browser's history.
 */
export function MailFrame({ hash, width, scheme }: Props) {
  const [shown, setShown] = useState(hash);
  const [height, setHeight] = useState(600);
  const [room, setRoom] = useState(width);
  const [link, setLink] = useState<string | null>(null);
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

  const frames = shown === hash ? [hash] : [shown, hash];
  return (
    <div className="frame-box" ref={box}>
      <div className="frame-size" style={{ width: width * scale, height: height * scale }}>
        {frames.map((one) => (
          <OneFrame
            key={one}
            hash={one}
            width={width}
            height={height}
            scheme={scheme}
            scale={scale}
            visible={one === shown}
            onReady={(measured) => {
              if (one !== hash) return;
              setHeight(measured);
              setShown(one);
            }}
            onLink={setLink}
          />
        ))}
      </div>
      <p className={link === null ? 'toast' : 'toast up'} role="status">
        {link !== null && <>Links rest in the preview: {link}</>}
      </p>
    </div>
  );
}

type OneProps = {
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly scale: number;
  readonly visible: boolean;
  readonly onReady: (height: number) => void;
  readonly onLink: (href: string) => void;
};

function OneFrame({ hash, width, height, scheme, scale, visible, onReady, onLink }: OneProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [loaded, setLoaded] = useState(false);
  const ready = useEffectEvent(onReady);
  const follow = useEffectEvent(onLink);

  useLayoutEffect(() => {
    if (frame.current) frame.current.style.colorScheme = scheme;
  }, [scheme]);
  useEffect(() => {
    const document = frame.current?.contentDocument;
    if (!loaded || !document?.documentElement) return undefined;
    const measure = () => {
      const bottom = document.body?.getBoundingClientRect().height ?? 0;
      ready(Math.ceil(Math.max(bottom, 200)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (document.body) observer.observe(document.body);
    // A link would leave the machine; it says where it goes instead.
    const onClick = (event: MouseEvent) => {
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
