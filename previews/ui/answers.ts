import { useEffect, useState } from 'react';

import type { CampaignChange } from '../campaigns.ts';
import type {
  BlockTexts,
  CommandAnswer,
  DryRunAnswer,
  DryRunQuery,
  MailChecks,
  MailFigures,
  MailReading,
  PersonaEntry,
  PreviewEvent,
  PublishQuery,
  RenderAnswer,
  RenderQuery,
  SavedPersona,
  SavePersonaQuery,
  TemplateList,
  ErrorReport,
  Settings,
  TestAnswer,
  Sentence,
  SentenceRequest,
  TestQuery,
  Turn,
} from '../protocol.ts';
import type { Looks } from './looks.ts';

class Reported extends Error {
  override readonly name = 'Reported';
  readonly report: ErrorReport;

  constructor(report: ErrorReport) {
    super(report.title);
    this.report = report;
  }
}

const unreachable: ErrorReport = {
  title: 'The preview server has stopped',
  problems: [{ message: 'Start it again with “npm run preview”; this page goes on by itself.' }],
};

const startedAnew: ErrorReport = {
  title: 'The preview was started anew, with another key',
  problems: [{ message: 'Open the address that it printed.' }],
};

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const answer: Answer = await (await answerTo(path, init)).json();
  return answer;
}

/** @throws Reported for whatever isn't an answer */
async function answerTo(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new Reported(unreachable);
  });
  if (response.ok) return response;
  if (response.status === 401) throw new Reported(startedAnew);
  const answer: { report?: ErrorReport } = await response.json().catch(() => ({}));
  throw new Reported(answer.report ?? { title: 'This can’t be shown', problems: [] });
}

const errorReportOf = (error: unknown): ErrorReport =>
  error instanceof Reported
    ? error.report
    : { title: 'This can’t be shown', problems: [{ message: String(error) }] };

/** Where in a mail its blocks are; none while that isn't known. */
export function useBlocks(hash: string | null): readonly BlockTexts[] {
  const [state, setState] = useState<{ readonly of: string | null; readonly blocks: BlockTexts[] }>(
    {
      of: null,
      blocks: [],
    },
  );
  useEffect(() => {
    if (hash === null) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask<BlockTexts[]>(`/api/blocks/${hash}`, { signal: abort.signal }).then(
        (blocks) => setState({ of: hash, blocks }),
        () => undefined,
      );
    }, turnsAfterMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [hash]);
  return state.of === hash ? state.blocks : [];
}

/** How the preview was started; null until that is known. */
export const useSettings = (): Settings | null => useAnswer<Settings>('/api/settings', 0).answer;

const post = <Answer>(path: string, body: unknown): Promise<Answer | ErrorReport> =>
  ask<Answer>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(errorReportOf);

/** The mail for a query, once, or why there is none. */
export const renderOnce = (query: RenderQuery) => post<RenderAnswer>('/api/render', query);

/** Keeps what is tried on a persona as one of its own. */
export const savePersona = (query: SavePersonaQuery) => post<SavedPersona>('/api/personas', query);

/** Sends the mail of a query to somebody. */
export const sendTest = (query: TestQuery) => post<TestAnswer>('/api/send-test', query);

/** Publishes or rolls back; what the command said. */
export const publish = (query: PublishQuery) => post<CommandAnswer>('/api/publish', query);

/** What a review of a year would become of an audience. */
export const dryRun = (query: DryRunQuery) => post<DryRunAnswer>('/api/dry-run', query);

/** A picture of a mail as it is looked at, or why there is none. */
export const pictureOf = (
  hash: string,
  { width, scheme, pictures, large }: Looks & { readonly width: number },
): Promise<Blob | ErrorReport> =>
  answerTo(
    `/picture/${hash}.png?w=${width}&scheme=${scheme}&img=${pictures ? 'on' : 'off'}&type=${large ? 'large' : 'usual'}`,
    {},
  )
    .then((response) => response.blob())
    .catch(errorReportOf);

/** Where a text of a mail is written. */
export const sentenceOf = (query: SentenceRequest) =>
  post<{ readonly sentence: Sentence | null }>('/api/sentence', query);

/** What a mail says of its member in figures, and what they are made of. */
export const figuresOf = (query: RenderQuery) => post<MailFigures>('/api/figures', query);
/** Pauses, resumes or releases a campaign; what the command said. */
export const changeCampaign = (id: string, change: CampaignChange) =>
  post<CommandAnswer>(`/api/campaigns/${encodeURIComponent(id)}`, change);

type Answered<Answer> = { readonly answer: Answer | null; readonly report: ErrorReport | null };

/** What a path answers, asked anew with each `version`; what was known stays while it can't be. */
export function useAnswer<Answer>(path: string | null, version: number): Answered<Answer> {
  const [state, setState] = useState<{
    readonly of: string | null;
    readonly answer: Answer | null;
    readonly report: ErrorReport | null;
  }>({ of: null, answer: null, report: null });
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    const anew = `${path}${path.includes('?') ? '&' : '?'}version=${version}`;
    ask<Answer>(anew, { signal: abort.signal }).then(
      (answer) => setState({ of: path, answer, report: null }),
      (error: unknown) => {
        if (!abort.signal.aborted)
          setState((last) => ({
            of: path,
            answer: last.of === path ? last.answer : null,
            report: errorReportOf(error),
          }));
      },
    );
    return () => abort.abort();
  }, [path, version]);
  return state.of === path ? state : { answer: null, report: null };
}

/** How what is hidden is made to appear; null until it is known for this very question. */
export function useTurns(query: RenderQuery | null, version: number): readonly Turn[] | null {
  const [state, setState] = useState<{ readonly turns: readonly Turn[]; readonly to: string }>({
    turns: [],
    to: '',
  });
  const body = query && JSON.stringify(query);
  const to = `${version} ${body ?? ''}`;
  useEffect(() => {
    if (body === null) return undefined;
    const abort = new AbortController();
    const { signal } = abort;
    // Searching takes the server's time: not for every step of a slider.
    const timer = setTimeout(() => {
      ask<Turn[]>('/api/turns', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal,
      }).then(
        (turns) => setState({ turns, to }),
        () => {
          // Why it can't be shown is told where the mail is.
          if (!signal.aborted) setState({ turns: [], to });
        },
      );
    }, turnsAfterMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [body, to]);
  return state.to === to ? state.turns : null;
}

const turnsAfterMs = 250;

/** Saved files and errors elsewhere, as the server tells them. `version` rises with every save. */
export function useEvents(): {
  readonly version: number;
  readonly report: ErrorReport | null;
  /** What is shown is of the code before that. */
  readonly stale: boolean;
  /** Personas' ledgers are being read. */
  readonly counting: boolean;
  /** Something was saved and isn't shown yet. */
  readonly saving: boolean;
} {
  const [saving, setSaving] = useState(false);
  const [version, setVersion] = useState(0);
  const [report, setReport] = useState<ErrorReport | null>(null);
  const [counting, setCounting] = useState(false);
  const [stale, setStale] = useState(false);
  useEffect(() => {
    const source = new EventSource('/events');
    let wasLost = false;
    source.addEventListener('message', ({ data }) => {
      const event: PreviewEvent = JSON.parse(String(data));
      if (event.kind === 'saved') setSaving(true);
      else if (event.kind === 'changed') setVersion((last) => last + 1);
      else if (event.kind === 'counting') setCounting(event.counting);
      else {
        setReport(event.report);
        setStale(event.stale);
        setSaving(false);
      }
    });
    source.addEventListener('error', () => (wasLost = true));
    source.addEventListener('open', () => {
      // Whatever was saved meanwhile was not heard.
      if (wasLost) setVersion((last) => last + 1);
      wasLost = false;
    });
    return () => source.close();
  }, []);
  return { version, report, stale, counting, saving };
}

export type Lists = {
  readonly templates: TemplateList;
  readonly personas: readonly PersonaEntry[];
};

/** Templates and personas; what was known stays while it can't be read anew. */
export function useLists(version: number): {
  readonly lists: Lists | null;
  readonly report: ErrorReport | null;
} {
  const [state, setState] = useState<{ lists: Lists | null; report: ErrorReport | null }>({
    lists: null,
    report: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    Promise.all([
      ask<TemplateList>(`/api/templates?version=${version}`, { signal }),
      ask<PersonaEntry[]>(`/api/personas?version=${version}`, { signal }),
    ]).then(
      ([templates, personas]) => setState({ lists: { templates, personas }, report: null }),
      (error: unknown) => {
        if (!signal.aborted) setState((last) => ({ ...last, report: errorReportOf(error) }));
      },
    );
    return () => abort.abort();
  }, [version]);
  return state;
}

export type Rendered = {
  /** The last good rendering of this template. */
  readonly answer: RenderAnswer | null;
  /** Why the newest couldn't be made. */
  readonly report: ErrorReport | null;
  readonly pending: boolean;
};

/** The mail for a query, made anew whenever the query or `version` changes. */
export function useRendering(query: RenderQuery | null, version: number): Rendered {
  const [state, setState] = useState<{
    readonly answer: RenderAnswer | null;
    readonly report: ErrorReport | null;
    /** Which question this is the answer to. */
    readonly to: string | null;
  }>({ answer: null, report: null, to: null });
  const body = query && JSON.stringify(query);
  const question = `${version} ${body ?? ''}`;
  useEffect(() => {
    if (body === null) return undefined;
    const abort = new AbortController();
    const { signal } = abort;
    const to = `${version} ${body}`;
    ask<RenderAnswer>('/api/render', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal,
    }).then(
      (answer) => setState({ answer, report: null, to }),
      (error: unknown) => {
        if (!signal.aborted)
          setState((last) => ({ answer: last.answer, report: errorReportOf(error), to }));
      },
    );
    return () => abort.abort();
  }, [body, version]);
  const { answer, report, to } = state;
  return { answer, report, pending: body !== null && to !== question };
}

export type Checked = {
  readonly checks: MailChecks | null;
  /** Null while the browser still reads. */
  readonly reading: MailReading | null;
  readonly report: ErrorReport | null;
};

const notYet: Checked = { checks: null, reading: null, report: null };

/** What checks say of a shown mail: first what is known at once, then what a browser reads in it. */
export function useChecks(
  hash: string,
  version: number,
  /** Whether a browser is to read it, too. */
  inBrowser = true,
): Checked {
  const [state, setState] = useState<Checked & { readonly to: string }>({ ...notYet, to: '' });
  const to = `${version} ${hash}`;
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const tell = (news: Partial<Checked>) => {
      if (signal.aborted) return;
      setState((last) => ({ ...(last.to === to ? last : notYet), ...news, to }));
    };
    const of = `/api/checks/${hash}`;
    ask<MailChecks>(`${of}?version=${version}`, { signal }).then(
      (checks) => tell({ checks }),
      (error: unknown) => tell({ report: errorReportOf(error) }),
    );
    if (inBrowser)
      ask<MailReading>(`${of}/reading?version=${version}`, { signal }).then(
        (reading) => tell({ reading }),
        (error: unknown) => tell({ reading: { skipped: errorReportOf(error).title } }),
      );
    return () => abort.abort();
  }, [hash, version, to, inBrowser]);
  return state.to === to ? state : { ...state, reading: null };
}
