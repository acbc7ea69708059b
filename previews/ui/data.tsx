import { useEffect, useId, useRef, useState } from 'react';

import type { Control } from '../protocol.ts';

type Props = {
  readonly controls: readonly Control[];
  readonly onChange: (path: string, value: string) => void;
};

/** Knobs for what the rules look at. Turning one changes the address, and with it the mail. */
export function Data({ controls, onChange }: Props) {
  if (controls.length === 0)
    return <p className="quiet">A guest has no data: choose a member to try other values.</p>;
  return (
    <div className="controls">
      {controls.map((control) => (
        <Knob
          key={control.path}
          control={control}
          onChange={(value) => onChange(control.path, value)}
        />
      ))}
    </div>
  );
}

type KnobProps = { readonly control: Control; readonly onChange: (value: string) => void };

function Knob({ control, onChange }: KnobProps) {
  const className = control.changed ? 'knob changed' : 'knob';
  switch (control.kind) {
    case 'slider':
      return (
        <div className={className}>
          <Slider control={control} onChange={onChange} />
        </div>
      );
    case 'switch':
      return (
        <label className={`${className} row`}>
          <span>{control.label}</span>
          <input
            type="checkbox"
            role="switch"
            checked={control.value}
            onChange={({ target }) => onChange(String(target.checked))}
          />
        </label>
      );
    case 'select':
      return (
        <label className={`${className} row`}>
          <span>{control.label}</span>
          <select value={control.value} onChange={({ target }) => onChange(target.value)}>
            {control.options.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      );
    case 'text':
      return (
        <label className={`${className} row`}>
          <span>{control.label}</span>
          <Typed
            value={control.value}
            onChange={(value) => onChange(value === '' ? 'null' : value)}
          />
        </label>
      );
    default:
      return control satisfies never;
  }
}

/** A slider and the number it stands for; both follow the hand at once, the mail follows them. */
function Slider({
  control,
  onChange,
}: KnobProps & { control: Extract<Control, { kind: 'slider' }> }) {
  const { label, min, max, step, ticks } = control;
  const [value, setValue] = useFollowing(control.value);
  const id = useId();
  const set = (next: number) => {
    setValue(next);
    onChange(String(next));
  };
  return (
    <>
      <div className="knob-head">
        <label htmlFor={id}>{label}</label>
        <input
          type="number"
          aria-label={`${label}, as a number`}
          min={min}
          step={step}
          value={value}
          onChange={({ target }) => {
            if (Number.isSafeInteger(target.valueAsNumber)) set(target.valueAsNumber);
          }}
        />
      </div>
      <input
        id={id}
        type="range"
        min={min}
        max={Math.max(max, value)}
        step={step}
        value={value}
        onChange={({ target }) => set(target.valueAsNumber)}
      />
      {ticks.length > 0 && (
        <>
          <div className="marks" aria-hidden="true">
            {ticks.map((tick) => (
              <span
                key={tick.label}
                style={{ left: `${(100 * (tick.value - min)) / (Math.max(max, value) - min)}%` }}
              />
            ))}
          </div>
          <ul className="ticks">
            {ticks.map((tick) => (
              <li key={tick.label}>
                <button type="button" className="plain" onClick={() => set(tick.value)}>
                  <strong>{tick.value.toLocaleString('en')}</strong> {tick.label}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Typed({ value: given, onChange }: { value: string; onChange: (value: string) => void }) {
  const [value, setValue] = useFollowing(given);
  return (
    <input
      type="text"
      value={value}
      onChange={({ target }) => {
        setValue(target.value);
        onChange(target.value);
      }}
    />
  );
}

const restMs = 600;

/** What the hand has set, until it rests; then what the server says. */
function useFollowing<Value>(given: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState(given);
  const touched = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, touched.current + restMs - performance.now());
    const timer = setTimeout(() => setValue(given), touched.current === 0 ? 0 : wait);
    return () => clearTimeout(timer);
  }, [given]);
  return [
    value,
    (next) => {
      touched.current = performance.now();
      setValue(next);
    },
  ];
}
