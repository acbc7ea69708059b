import type { PersonaEntry } from '../protocol.ts';

/** A face of its own for each persona: drawn from the name, the same every time. */
export function Face({ persona }: { persona: PersonaEntry }) {
  let seed = 7;
  for (const letter of `${persona.id} ${persona.name}`)
    seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  const pick = (from: readonly string[], by: number) => from[Math.floor(seed / by) % from.length];
  if (persona.tier === null)
    return (
      <span className="face guest" aria-hidden="true">
        <svg viewBox="0 0 40 40" width="38" height="38">
          <circle cx="20" cy="16" r="6" />
          <path d="M8 36c1-9 6-13 12-13s11 4 12 13" />
        </svg>
      </span>
    );
  const skin = pick(['#f3cfb3', '#d9a57e', '#b27a55', '#8a5a3c', '#f0d9c4'], 3);
  const hair = pick(['#2b211b', '#6b4227', '#b9884c', '#8f8a86', '#3d2d4f'], 11);
  const ground = pick(['#cfe3d6', '#e6d9c3', '#d5dcea', '#ecd2cb', '#dfe3c5'], 5);
  const cut = Math.floor(seed / 17) % 3;
  return (
    <span className="face" aria-hidden="true">
      <svg viewBox="0 0 40 40" width="38" height="38">
        <rect width="40" height="40" fill={ground} />
        {cut === 2 && <path d="M9 34V17a11 11 0 0 1 22 0v17z" fill={hair} />}
        <path d="M6 42c1-9 7-12 14-12s13 3 14 12z" fill={hair} opacity="0.55" />
        <path d="M16 24h8v8a4 4 0 0 1-8 0z" fill={skin} />
        <circle cx="20" cy="18" r="8.500" fill={skin} />
        <path
          d={
            cut === 0
              ? 'M11 18c0-7 4-10 9-10s9 3 9 10c-2-4-5-5-9-5s-7 1-9 5z'
              : 'M11 19c-1-8 4-12 9-12s10 4 9 12c-1-3-2-5-4-6-4 2-9 2-11 1-1 1-2 3-3 5z'
          }
          fill={hair}
        />
        <circle cx="17" cy="19" r="0.900" fill="#2b211b" />
        <circle cx="23" cy="19" r="0.900" fill="#2b211b" />
        <path
          d="M17.500 22.500q2.500 1.800 5 0"
          fill="none"
          stroke="#2b211b"
          strokeWidth="0.900"
          strokeLinecap="round"
        />
      </svg>
    </span>
  );
}
