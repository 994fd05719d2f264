import { device } from '../format';
import { deviceOf } from '../model/columns';
import type { IVariable } from '../model/variables';
import { useStrings } from './context';

/**
 * Where a variable is, and whether that is where it was to be.
 */
export function Device(props: {
  readonly variable: IVariable;
  readonly index: (device: string) => number;
}) {
  const strings = useStrings();
  const { row, reading } = props.variable;
  const actual = deviceOf(props.variable);
  if (actual === '') {
    return (
      <span title={strings.notPlaced} aria-label={strings.notPlaced}>
        –
      </span>
    );
  }
  const isKnown = reading?.placed === 'actual' && reading.device !== '';
  const refused =
    isKnown && row.requested !== '' && !covers(row.requested, reading.device);
  const hint = refused
    ? strings.askedFor(device(row.requested), device(actual))
    : isKnown
      ? actual
      : strings.requestedOnly(device(actual));
  return (
    <span
      class={
        refused ? 'jp-tfsession-device jp-mod-refused' : 'jp-tfsession-device'
      }
      title={hint}
    >
      <DeviceDot index={props.index(actual)} />
      {device(actual)}
      {refused && (
        <span>
          {' ≠ '}
          {device(row.requested)}
        </span>
      )}
      {!isKnown && ' ?'}
    </span>
  );
}

/**
 * The colour of a device.
 */
export function DeviceDot(props: { readonly index: number }) {
  const colour = (((props.index % 8) + 8) % 8).toString();
  return (
    <span
      class={`jp-tfsession-dot jp-tfsession-dot-${colour}`}
      aria-hidden="true"
    />
  );
}

/**
 * Whether a device is one of those that were asked for: what was asked for may
 * leave out parts, such as the job or the number.
 */
export function covers(requested: string, actual: string): boolean {
  const parts = new Set(actual.toLowerCase().split('/'));
  return requested
    .toLowerCase()
    .split('/')
    .filter(part => part !== '')
    .every(part => {
      // The old way to write it: /cpu:0.
      const full = /^(cpu|gpu|tpu)(:|$)/.test(part) ? `device:${part}` : part;
      const whole = full.replace(/:\*$/, '');
      return [...parts].some(
        known => known === whole || known.startsWith(`${whole}:`)
      );
    });
}
