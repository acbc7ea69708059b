import { defineTemplate } from '../../src/decision/define-template.ts';
import { StatusStatement, statusStatement } from '../status-statement/template.ts';

/** The status statement once more, in React Email: both engines say the same from the same blocks. */
export const statusStatementReact = defineTemplate({
  ...statusStatement,
  name: 'status-statement-react',
  title: 'Status statement (React Email)',
  schema: StatusStatement,
});
