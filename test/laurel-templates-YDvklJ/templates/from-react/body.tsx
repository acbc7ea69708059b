import type { ComponentProps } from 'react';

import type { TemplateProps } from '/tmp/w/checks/src/render/template-props.ts';
import Component from './Component.tsx';

export default function Body({ view }: TemplateProps<ComponentProps<typeof Component>>) {
  return <Component {...view.data} />;
}
