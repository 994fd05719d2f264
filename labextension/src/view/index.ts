export { type IMountOptions, type IView, mount } from './mount';
export type { ITranslator } from './strings';
