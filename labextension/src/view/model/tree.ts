import type { IVariable } from './variables';

/**
 * A line of the table: a scope, or a variable.
 */
export type Line = IScopeLine | IVariableLine;

export interface IScopeLine {
  readonly kind: 'scope';
  /** The scope's whole name, with its last slash. */
  readonly path: string;
  readonly label: string;
  readonly level: number;
  readonly open: boolean;
  /** The variables inside, also those of scopes inside. */
  readonly ids: readonly number[];
  readonly bytes: number;
}

export interface IVariableLine {
  readonly kind: 'variable';
  readonly label: string;
  readonly level: number;
  readonly variable: IVariable;
}

/**
 * What tells a line from all others, also when the table has changed.
 */
export function keyOf(line: Line): string {
  return line.kind === 'scope'
    ? `scope ${line.path}`
    : `variable ${line.variable.row.variable.toString()}`;
}

/**
 * The variables one below the other.
 */
export function flat(variables: readonly IVariable[]): Line[] {
  return variables.map(variable => ({
    kind: 'variable',
    label: variable.row.name,
    level: 1,
    variable
  }));
}

/**
 * The variables in their scopes, each scope where its first variable stands.
 *
 * #### Notes
 * Scopes with nothing but one scope or variable inside share its line, `a/b/c`.
 */
export function nested(
  variables: readonly IVariable[],
  isOpen: (path: string) => boolean
): Line[] {
  const root = new Private.Scope('', '');
  for (const variable of variables) {
    root.add(variable);
  }
  const lines: Line[] = [];
  // Not recursive: a name may have thousands of scopes.
  const left: [Private.Scope | Private.ILeaf, number][] = [];
  const push = (scope: Private.Scope, level: number) => {
    for (const child of [...scope.children].reverse()) {
      left.push([child, level]);
    }
  };
  push(root, 1);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [node, level] = next;
    if (!(node instanceof Private.Scope)) {
      lines.push({ kind: 'variable', level, ...node });
      continue;
    }
    const { inner, label } = Private.joined(node);
    const [only] = inner.children;
    if (
      inner.children.length === 1 &&
      only &&
      !(only instanceof Private.Scope)
    ) {
      const { variable } = only;
      lines.push({
        kind: 'variable',
        level,
        label: `${label}/${only.label}`,
        variable
      });
      continue;
    }
    const open = isOpen(inner.path);
    lines.push({
      kind: 'scope',
      path: inner.path,
      label,
      level,
      open,
      ids: node.ids,
      bytes: node.bytes
    });
    if (open) {
      push(inner, level + 1);
    }
  }
  return lines;
}

namespace Private {
  export interface ILeaf {
    readonly label: string;
    readonly variable: IVariable;
  }

  export class Scope {
    constructor(
      readonly path: string,
      readonly label: string
    ) {}

    readonly children: (Scope | ILeaf)[] = [];
    readonly ids: number[] = [];
    bytes = 0;

    add(variable: IVariable): void {
      const parts = variable.row.name.split('/');
      const label = parts.pop() ?? '';
      this._count(variable);
      const scope = parts.reduce<Scope>((outer, part) => {
        const inner = outer._scope(part);
        inner._count(variable);
        return inner;
      }, this);
      scope.children.push({ label, variable });
    }

    private _scope(label: string): Scope {
      let scope = this._scopes.get(label);
      if (scope === undefined) {
        scope = new Scope(`${this.path}${label}/`, label);
        this._scopes.set(label, scope);
        this.children.push(scope);
      }
      return scope;
    }

    private _count(variable: IVariable): void {
      this.ids.push(variable.row.variable);
      this.bytes += variable.row.bytes ?? 0;
    }

    private readonly _scopes = new Map<string, Scope>();
  }
  /** A scope and the only ones inside of it, as one. */
  export function joined(outer: Scope): { inner: Scope; label: string } {
    let inner = outer;
    const labels = [outer.label];
    for (
      let only = inner.children[0];
      inner.children.length === 1 && only instanceof Scope;
      only = inner.children[0]
    ) {
      inner = only;
      labels.push(only.label);
    }
    return { inner, label: labels.join('/') };
  }
}
