import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

import { loggedError } from '../core/logged-error.ts';

/** A log line carries ids, names and counts; what could say something about a person is left out. */
export function openLog(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    serializers: { err: loggedError },
    redact: {
      paths: [
        '*.email',
        '*.address',
        '*.to',
        '*.name',
        '*.data',
        'email',
        'address',
        'to',
        'data',
        'req.headers',
      ],
      censor: '[personal]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
