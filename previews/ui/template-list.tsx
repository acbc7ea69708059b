import { type RefObject, useEffect, useRef, useState } from 'react';

import type { BrandEntry, TemplateEntry } from '../protocol.ts';
import type { Room } from './place.ts';
import { useWide } from './wide.ts';

type Props = {
  readonly templates: readonly TemplateEntry[];
  readonly brands: readonly BrandEntry[];
  readonly brand: BrandEntry | undefined;
  readonly room: Room;
  readonly chosen: string | null;
  readonly open: boolean;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onClose: () => void;
  readonly onChoose: (name: string) => void;
  readonly onBrand: (id: string) => void;
  readonly onRoom: (room: Room) => void;
  readonly onHelp: () => void;
};

/** Rooms that are of no one template. */
const wholes: readonly { readonly room: Room; readonly name: string }[] = [
  { room: 'gallery', name: 'All mails' },
  { room: 'sent', name: 'Sent' },
  { room: 'campaigns', name: 'Campaigns' },
];

/** Templates of the brand, to search and choose from: a column on a wide page, a menu on a narrow one. */
export function TemplateList(props: Props) {
  const wide = useWide(900);
  const dialog = useRef<HTMLDialogElement>(null);
  const { open, onClose } = props;
  useEffect(() => {
    if (wide) return;
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open, wide]);
  if (wide)
    return (
      <nav className="list" aria-label="Templates">
        <Content {...props} />
      </nav>
    );
  return (
    <dialog ref={dialog} className="menu" aria-label="Templates" onClose={onClose}>
      <button type="button" className="plain close" onClick={onClose}>
        Close
      </button>
      <Content {...props} />
    </dialog>
  );
}

function Content({
  templates,
  brands,
  brand,
  room,
  chosen,
  search,
  onChoose,
  onBrand,
  onRoom,
  onHelp,
}: Props) {
  const [sought, setSought] = useState('');
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const found = templates.filter(({ name, title, class: kind }) =>
    words.every((word) => `${name} ${title} ${kind}`.toLowerCase().includes(word)),
  );
  const has = (one: TemplateEntry) => brand !== undefined && one.brands.includes(brand.id);
  const ofClass = (kind: TemplateEntry['class']) =>
    found.filter((one) => has(one) && one.class === kind);
  const sections = [
    { title: 'Transactional', className: '', entries: ofClass('transactional') },
    { title: 'Commercial', className: '', entries: ofClass('commercial') },
    {
      title: `No sample for ${brand?.name ?? 'this brand'} yet`,
      className: 'without',
      entries: found.filter((one) => !has(one)),
    },
  ].filter(({ entries }) => entries.length > 0);
  const entry = (one: TemplateEntry) => (
    <li key={one.name}>
      <button
        type="button"
        className="entry"
        aria-current={one.name === chosen ? 'page' : undefined}
        onClick={() => onChoose(one.name)}
      >
        {one.title}
      </button>
    </li>
  );
  return (
    <>
      <p className="wordmark">
        <Leaf />
        Laurel
      </p>
      {brands.length > 1 && <Brands brands={brands} brand={brand} onBrand={onBrand} />}
      <input
        ref={search}
        type="search"
        className="search"
        placeholder="Search templates"
        aria-label="Search templates"
        value={sought}
        onChange={({ target }) => setSought(target.value)}
        onKeyDown={(event) => {
          const [first] = [...found.filter(has), ...found];
          if (event.key === 'Enter' && sought !== '' && first) onChoose(first.name);
        }}
      />
      <div>
        {wholes.map((one) => (
          <button
            key={one.room}
            type="button"
            className="entry"
            aria-current={room === one.room ? 'page' : undefined}
            onClick={() => onRoom(one.room)}
          >
            {one.name}
          </button>
        ))}
      </div>
      <div className="entries">
        {found.length === 0 && <p className="quiet">Nothing matches “{sought}”.</p>}
        {sections.map(({ title, className, entries }) => (
          <section key={title} className={className} aria-label={title}>
            <h2 className="small-title">{title}</h2>
            <ul>{entries.map(entry)}</ul>
          </section>
        ))}
      </div>
      <button type="button" className="plain keys-button" onClick={onHelp}>
        Keys <kbd>?</kbd>
      </button>
    </>
  );
}

const Brands = ({ brands, brand, onBrand }: Pick<Props, 'brands' | 'brand' | 'onBrand'>) => (
  <fieldset className="brands">
    <legend className="hidden">Brand</legend>
    {brands.map(({ id, name, colours }) => (
      <label key={id}>
        <input type="radio" name="brand" checked={id === brand?.id} onChange={() => onBrand(id)} />
        <span
          className="swatch"
          style={{
            backgroundColor: `light-dark(${colours.light.accent}, ${colours.dark.accent})`,
          }}
        />
        {name}
      </label>
    ))}
  </fieldset>
);

const Leaf = () => (
  <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
    <path
      d="M12 21C6 19 3.500 13.500 5 6M12 21c6-2 8.500-7.500 7-15"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.600"
      strokeLinecap="round"
    />
    <path
      d="M5 6c2.200.8 3.600 2.200 3.600 4.500C6.400 10.400 5 9 5 6zM19 6c-2.200.8-3.600 2.200-3.600 4.500 2.200-.1 3.600-1.500 3.600-4.500zM5.400 11.800c2.300.4 3.900 1.800 4.100 4.100-2.400.1-4-1.400-4.100-4.100zM18.600 11.800c-2.300.4-3.900 1.800-4.100 4.100 2.400.1 4-1.400 4.100-4.100z"
      fill="currentColor"
    />
  </svg>
);
