import type { Device } from '../../protocol';
import { device } from '../format';
import { useStrings } from './context';
import { DeviceDot } from './device';

/**
 * What sits on each device.
 */
export function Devices(props: { readonly devices: readonly Device[] }) {
  const strings = useStrings();
  // Those without variables say nothing, and may be many.
  const used = props.devices
    .map((device, index) => ({ ...device, index }))
    .filter(({ variables }) => variables > 0);
  if (used.length === 0) {
    return null;
  }
  return (
    <ul class="jp-tfsession-devices" aria-label={strings.devices}>
      {used.map(({ name, variables, bytes, limit, index }) => (
        <li key={name} title={name}>
          <DeviceDot index={index} />
          {strings.device(device(name), variables, bytes)}
          {limit !== null && ` ${strings.deviceLimit(limit)}`}
        </li>
      ))}
    </ul>
  );
}
