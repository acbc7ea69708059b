/** Who uses a thread next. What is urgent never asks. */
export type RightOfWay = {
  /** Something urgent has begun; the function that is returned is called when it is over, or waits for others. */
  readonly urgent: () => () => void;
  /**
   * Resolves when nothing urgent is going on, and after `patienceMs` all the same; for few in a turn of the event loop, so that
   * between them whatever came in is looked at.
   */
  readonly giveWay: () => Promise<void>;
};

/** With receipts coming in without end, what gives way goes on beside them. What is urgent for longer is waiting for others. */
const patienceMs = 50;
const inATurn = 2;

const isOver = (since: number, now: number) => since + patienceMs <= now;

export function openRightOfWay(): RightOfWay {
  /** By when they began, the oldest first, as those in line are. */
  const urgent = new Set<{ readonly since: number }>();
  const line: { readonly since: number; readonly go: () => void }[] = [];
  let turning = false;
  let waiting: NodeJS.Timeout | undefined;

  const pressing = (now: number) => {
    for (const one of urgent)
      if (isOver(one.since, now)) urgent.delete(one);
      else return true;
    return false;
  };
  const plan = () => {
    const [first] = line;
    if (turning || first === undefined) return;
    const now = performance.now();
    clearTimeout(waiting);
    if (pressing(now) && !isOver(first.since, now)) {
      waiting = setTimeout(plan, first.since + patienceMs - now);
      return;
    }
    turning = true;
    setImmediate(() => {
      turning = false;
      const at = performance.now();
      const [next] = line;
      if (next && (!pressing(at) || isOver(next.since, at)))
        for (const { go } of line.splice(0, inATurn)) go();
      plan();
    });
  };

  return {
    urgent: () => {
      const one = { since: performance.now() };
      urgent.add(one);
      return () => {
        if (urgent.delete(one) && urgent.size === 0) plan();
      };
    },
    giveWay: () =>
      new Promise((go) => {
        line.push({ since: performance.now(), go });
        plan();
      }),
  };
}

/** Of this process's one thread. */
export const { urgent, giveWay } = openRightOfWay();

/** Does what is urgent. */
export async function urgently<Value>(work: () => Promise<Value>): Promise<Value> {
  const over = urgent();
  try {
    return await work();
  } finally {
    over();
  }
}
