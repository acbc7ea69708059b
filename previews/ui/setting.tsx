import type { BrandEntry, PersonaEntry, RenderAnswer } from '../protocol.ts';
import { languageName } from './language.ts';
import { PersonaPicker } from './persona-picker.tsx';
import type { Go, Place } from './place.ts';

type Props = {
  readonly place: Place;
  readonly brand: BrandEntry;
  readonly personas: readonly PersonaEntry[];
  readonly persona: PersonaEntry;
  /** What is shown; null while nothing is. */
  readonly answer: Pick<RenderAnswer, 'at' | 'sample' | 'samples'> | null;
  readonly go: Go;
};

/** Who gets the mail, about what, in which language, and when: one line that reads as a sentence. */
export function Setting({ place, brand, personas, persona, answer, go }: Props) {
  return (
    <div className="setting">
      <PersonaPicker
        personas={personas}
        persona={persona}
        onChoose={(id) => go({ persona: id, set: {}, locale: null, sample: null, cancelled: null })}
      />
      {answer && answer.samples.length > 1 && (
        <label className="field">
          <span>About</span>
          <select
            value={answer.sample}
            onChange={({ target }) => go({ sample: target.value, data: {}, cancelled: null })}
          >
            {answer.samples.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      <label className="field">
        <span>Language</span>
        <select
          value={place.locale ?? ''}
          onChange={({ target }) => go({ locale: target.value === '' ? null : target.value })}
        >
          <option value="">Their own: {languageName(persona.locale)}</option>
          {brand.locales
            .filter((locale) => locale !== persona.locale || locale === place.locale)
            .map((locale) => (
              <option key={locale} value={locale}>
                {languageName(locale)}
              </option>
            ))}
        </select>
      </label>
      <label className="field">
        <span>As of</span>
        <input
          type="date"
          value={(place.at ?? answer?.at ?? '').slice(0, 10)}
          onChange={({ target }) =>
            go({ at: target.value === '' ? null : target.value }, { gesture: 'at' })
          }
        />
      </label>
    </div>
  );
}
