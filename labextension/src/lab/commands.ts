import type { State } from '../protocol';

/**
 * The commands; those in menus and shortcuts are named in `schema/plugin.json`.
 */
export namespace CommandIDs {
  export const show = 'tfsession:show';
  export const load = 'tfsession:load';
  export const rerunStale = 'tfsession:rerun-stale';
  export const init = 'tfsession:init';
  export const reset = 'tfsession:reset';
  export const undo = 'tfsession:undo';
  export const redo = 'tfsession:redo';
  export const snapshot = 'tfsession:snapshot';
  export const close = 'tfsession:close';

  /** Chooses a policy of the initializer guard. */
  export function guard(policy: State['guard']): string {
    return `tfsession:guard-${policy}`;
  }
}
