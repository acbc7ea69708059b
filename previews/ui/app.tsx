import { useEffect, useEffectEvent, useRef, useState } from 'react';

import type { PersonaEntry, TemplateEntry, Trial } from '../protocol.ts';
import { useEvents, useLists, useRendering } from './answers.ts';
import { Canvas } from './canvas.tsx';
import { Changes } from './changes.tsx';
import { Empty, ErrorNotice, ErrorSheet } from './error-report.tsx';
import { Help } from './help.tsx';
import { Inspector } from './inspector.tsx';
import { actKey } from './keys.ts';
import { type Place, usePlace, views } from './place.ts';
import { Setting } from './setting.tsx';
import { TemplateList } from './template-list.tsx';
import { VerdictStrip } from './verdict.tsx';

/** The one page: templates left, the mail in the middle, why and what-if right. */
export function App() {
  const [place, go] = usePlace();
  const { version, report: elsewhere, counting } = useEvents();
  const { lists, report: listReport } = useLists(version);
  const [menuOpen, setMenuOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const search = useRef<HTMLInputElement>(null);

  const brands = lists?.templates.brands ?? [];
  const brand = brands.find(({ id }) => id === place.brand) ?? brands[0];
  const templates = lists?.templates.templates ?? [];
  const usable = templates.filter((one) => brand && one.brands.includes(brand.id));
  const template = templates.find(({ name }) => name === place.template);
  const personas = lists?.personas.filter((one) => one.brand === brand?.id) ?? [];
  const persona = personas.find(({ id }) => id === place.persona) ?? personas[0];
  const first = usable[0]?.name ?? null;

  useEffect(() => {
    if (place.template === null && first !== null) go({ template: first }, { replace: true });
  }, [place.template, first, go]);
  useEffect(() => {
    document.title = template ? `${template.title} · Laurel preview` : 'Laurel preview';
  }, [template]);

  const hasSample =
    template !== undefined && brand !== undefined && template.brands.includes(brand.id);
  const { answer, report, pending } = useRendering(
    hasSample && persona
      ? {
          template: template.name,
          brand: brand.id,
          persona: persona.id,
          set: place.set,
          ...(place.locale !== null && { locale: place.locale }),
          ...(place.at !== null && { at: place.at }),
        }
      : null,
    version,
  );
  const shown = answer?.template === template?.name && answer?.brand === brand?.id ? answer : null;

  const choose = (name: string) => {
    setMenuOpen(false);
    go({ template: name });
  };
  const chooseBrand = (id: string) => {
    const has = (one: TemplateEntry | undefined) => one?.brands.includes(id) ?? false;
    const next = has(template) ? template : templates.find(has);
    go({ ...unchanged, brand: id, persona: null, template: next?.name ?? place.template });
  };
  const choosePersona = (id: string) => go({ persona: id, set: {}, locale: null });
  const tryIt = ({ set, at }: Trial) =>
    go({
      set: {
        ...place.set,
        ...Object.fromEntries(Object.entries(set).map(([path, value]) => [path, asText(value)])),
      },
      ...(at !== undefined && { at }),
    });
  const change = (path: string, value: string) =>
    go({ set: { ...place.set, [path]: value } }, { gesture: path });
  const takeBack = (path: string | null) =>
    go({
      set: Object.fromEntries(
        Object.entries(place.set).filter(
          ([key]) => path !== null && key !== path && !key.startsWith(`${path}.`),
        ),
      ),
      ...(path === null && { at: null }),
    });
  const togglePanel = () => go({ panel: place.panel === null ? 'why' : null }, { replace: true });

  const actions: Readonly<Record<string, () => void>> = {
    '/': () =>
      menuOpen || search.current?.checkVisibility() ? search.current?.focus() : setMenuOpen(true),
    j: () => step(usable, template, 1, ({ name }) => choose(name)),
    k: () => step(usable, template, -1, ({ name }) => choose(name)),
    ']': () => step(personas, persona, 1, ({ id }) => choosePersona(id)),
    '[': () => step(personas, persona, -1, ({ id }) => choosePersona(id)),
    ...Object.fromEntries(views.map((view, index) => [String(index + 1), () => go({ view })])),
    m: () => go({ width: place.width === 375 ? 640 : 375 }),
    t: () => go({ scheme: place.scheme === 'dark' ? 'light' : 'dark' }),
    w: () => go({ panel: 'why' }),
    d: () => go({ panel: 'data' }),
    c: () => go({ panel: 'checks' }),
    '?': () => setHelpOpen(true),
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => actKey(event, actions));
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  if (!lists)
    return (
      <main className="alone">
        {listReport ? (
          <ErrorSheet report={listReport} />
        ) : (
          <p className="quiet" role="status">
            {counting ? 'Reading the personas’ ledgers …' : 'Getting the templates ready …'}
          </p>
        )}
      </main>
    );

  return (
    <div className="app">
      <TemplateList
        templates={templates}
        brands={brands}
        brand={brand}
        chosen={template?.name ?? null}
        open={menuOpen}
        search={search}
        onClose={() => setMenuOpen(false)}
        onChoose={choose}
        onBrand={chooseBrand}
        onHelp={() => setHelpOpen(true)}
      />
      <main className="stage" aria-busy={pending}>
        {template && brand ? (
          <>
            <header className="head">
              <div className="head-line">
                <button type="button" className="menu-button" onClick={() => setMenuOpen(true)}>
                  Templates
                </button>
                <h1>{template.title}</h1>
                <span className="class">{template.class}</span>
                <button
                  type="button"
                  className="panel-button"
                  aria-expanded={place.panel !== null}
                  onClick={togglePanel}
                >
                  Why, data, checks
                </button>
              </div>
              {hasSample && persona && (
                <Setting
                  place={place}
                  brand={brand}
                  personas={personas}
                  persona={persona}
                  at={shown?.at ?? null}
                  go={go}
                  onPersona={choosePersona}
                />
              )}
              <Changes
                changes={hasSample ? (shown?.changes ?? []) : []}
                place={place}
                onRemove={takeBack}
                onRemoveDate={() => go({ at: null })}
              />
            </header>
            {hasSample ? (
              <>
                {shown && (
                  <VerdictStrip
                    verdict={shown.verdict}
                    hypothetical={shown.hypothetical}
                    onTry={tryIt}
                  />
                )}
                {counting && (
                  <p className="counting quiet" role="status">
                    Reading the ledger …
                  </p>
                )}
                {elsewhere && !report && <ErrorNotice report={elsewhere} />}
                <Canvas answer={shown} report={report ?? listReport} place={place} go={go} />
              </>
            ) : (
              <Empty title={`${brand.name} has no sample for this mail yet`}>
                <p>
                  A sample is the data of one such message: what was ordered, booked or posted. Save
                  it as{' '}
                  <code>
                    fixtures/{brand.id}/samples/{template.name}.json
                  </code>{' '}
                  and the mail appears here.
                </p>
              </Empty>
            )}
          </>
        ) : (
          <Empty title={templates.length === 0 ? 'No templates yet' : 'There is no such template'}>
            <p>
              {templates.length === 0
                ? 'A template is a folder in templates/ and its line in templates/index.ts.'
                : 'Choose one from the list.'}
            </p>
            <button type="button" className="menu-button" onClick={() => setMenuOpen(true)}>
              Templates
            </button>
          </Empty>
        )}
      </main>
      {template && brand && hasSample && (
        <Inspector
          answer={shown}
          panel={place.panel}
          stale={report !== null}
          version={version}
          onPanel={(panel) => go({ panel }, { replace: true })}
          onClose={() => go({ panel: null }, { replace: true })}
          onTry={tryIt}
          onChange={change}
          onText={() => go({ view: 'text' })}
        />
      )}
      <Help open={helpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

const unchanged: Partial<Place> = { set: {}, at: null, locale: null };

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function step<One extends TemplateEntry | PersonaEntry>(
  all: readonly One[],
  current: One | undefined,
  by: 1 | -1,
  take: (one: One) => void,
): void {
  const place = all.findIndex((one) => one === current);
  const next = all[(place + by + all.length) % all.length];
  if (next) take(next);
}
