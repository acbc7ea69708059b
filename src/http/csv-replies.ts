import type { FastifyReply } from 'fastify';
import { z } from 'zod';

/** A reply that is also there as CSV, for a route's schema. */
export const jsonOrCsv = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } },
});

export const sendCsv = (reply: FastifyReply, name: string, csv: string) =>
  reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .send(csv);
