import { Body, Head, Html, Tailwind, Text } from '@react-email/components';
import type { z } from 'zod';

import type { Views } from '../../../../src/contract/template.ts';
import type { TemplateProps } from '../../../../src/render/react/template-props.ts';

type Words = {
  readonly schema: z.ZodType<{ words?: string }>;
  readonly views: Views;
};

/** Sets itself up when first rendered, which takes React a while. */
export default function TailwindMail({ view }: TemplateProps<Words>) {
  return (
    <Html>
      <Tailwind>
        <Head />
        <Body className="bg-white">
          <Text className="text-[14px] leading-[24px] text-black sm:text-center max-sm:p-4 dark:text-white hover:underline">
            {view.data.words}
          </Text>
        </Body>
      </Tailwind>
    </Html>
  );
}
