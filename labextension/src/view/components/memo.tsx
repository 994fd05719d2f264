import { Component, type ComponentType, type FunctionComponent } from 'preact';

/**
 * Draws a component again only when one of its props is another one.
 *
 * #### Notes
 * As in Preact's compatibility layer, which is not needed for anything else.
 */
export function memo<P extends object>(
  Inner: FunctionComponent<P>
): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const names = Object.keys({ ...this.props, ...next }) as (keyof P)[];
      return names.some(name => this.props[name] !== next[name]);
    }

    override render() {
      return <Inner {...this.props} />;
    }
  };
}
