import { type IWidgetModel, WidgetTransport } from './transport/anywidget';
import { mount } from './view';

/**
 * What anywidget gives to a view.
 */
interface IRenderProps {
  readonly model: IWidgetModel;
  readonly el: HTMLElement;
}

export default {
  render({ model, el }: IRenderProps): () => void {
    const globs = model.get('globs');
    const view = mount(el, new WidgetTransport(model), {
      globs: Array.isArray(globs) ? globs.map(String) : []
    });
    return () => {
      view.dispose();
    };
  }
};
