import { Body, Button, Container, Html, Img, Text } from '@react-email/components';
import type { z } from 'zod';

import type { pointsBanner } from '../../../../src/decision/blocks/points-banner.ts';
import { MailHead, Preheader } from '../../../../src/render/react/mail-head.tsx';
import type { TemplateProps } from '../../../../src/render/react/template-props.ts';
import { PointsBanner } from '../blocks/PointsBanner.tsx';

type Note = {
  readonly schema: z.ZodType<{ total?: number; url?: string; words?: string }>;
  readonly views: { readonly 'points-banner': (typeof pointsBanner)['view'] };
};

export default function Note(props: TemplateProps<Note>) {
  const { view, t, format, link } = props;
  const { data, blocks, member } = view;
  return (
    <Html lang={view.locale} dir={view.dir}>
      <MailHead {...props} />
      <Body className="page">
        <Preheader {...props} />
        <Container>
          <Img src="https://roast.example/logo.png" alt={view.brand.name} />
          <Text>{t('hello', { name: member?.firstName ?? '' })}</Text>
          <Text>
            {data.words} – {data.words?.length ?? 0}
          </Text>
          {data.total !== undefined && <Text>{format.money(data.total, 'EUR')}</Text>}
          {blocks.pointsBanner && <PointsBanner {...props} block={blocks.pointsBanner} />}
          {data.url !== undefined && <Button href={link(data.url)}>{t('open')}</Button>}
        </Container>
      </Body>
    </Html>
  );
}
