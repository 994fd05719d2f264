/**
 * How a kernel stands to us.
 *
 * #### Notes
 * - `foreign`: it does not speak Python.
 * - `absent`: it does, but the extension is not loaded in it.
 * - `disconnected`: the server cannot be reached.
 */
export type Standing =
  | 'absent'
  | 'connected'
  | 'connecting'
  | 'dead'
  | 'disconnected'
  | 'foreign'
  | 'restarting';
