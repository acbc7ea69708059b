type Node = hbs.AST.Node;

export const isContent = (node: Node): node is Node & { readonly value: string } =>
  node.type === 'ContentStatement';

export const isLiteral = (node: Node): node is Node & { readonly value: unknown } =>
  /^(String|Number|Boolean|Null|Undefined)Literal$/.test(node.type);

export const isBlock = (node: Node): node is hbs.AST.BlockStatement =>
  node.type === 'BlockStatement';

export const isMustache = (node: Node): node is hbs.AST.MustacheStatement =>
  node.type === 'MustacheStatement';

export const isPartial = (node: Node): node is hbs.AST.PartialStatement =>
  node.type === 'PartialStatement';

export const isSubExpression = (node: Node): node is hbs.AST.SubExpression =>
  node.type === 'SubExpression';

export const isPath = (node: Node | undefined): node is hbs.AST.PathExpression =>
  node?.type === 'PathExpression';

export const isString = (node: Node | undefined): node is hbs.AST.StringLiteral =>
  node?.type === 'StringLiteral';

/** Whether a block has an `else`: Handlebars' types say always, its parser says sometimes. */
export const hasInverse = (block: Partial<Pick<hbs.AST.BlockStatement, 'inverse'>>) =>
  block.inverse !== undefined && block.inverse !== null;
