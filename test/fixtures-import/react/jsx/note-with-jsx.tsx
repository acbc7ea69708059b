import { Body, Container, Head, Heading, Html, Preview, Text } from '@react-email/components';
import type { ReactNode } from 'react';

interface NoteProps {
  name: string;
  note?: ReactNode;
  steps?: readonly { words: string; icon?: ReactNode }[];
}

/** Prose that reads like code: a process. An import (or export) is none. */
export default function Note({ name, note, steps = [] }: NoteProps) {
  return (
    <Html lang="en">
      <Head />
      <Preview>Your tea is through customs</Preview>
      <Body>
        <Container>
          <Heading>Hello {name}</Heading>
          <Text>
            This completes the process. We import (and export) tea, we fetch (it) for you, and eval
            (uation) is free; no new Function( of ours is onClick={'{'}…{'}'}.
          </Text>
          {steps.map(({ words, icon }) => (
            <Text key={words}>
              {icon} {words}
            </Text>
          ))}
          {note}
        </Container>
      </Body>
    </Html>
  );
}

Note.PreviewProps = {
  name: 'Ana',
  note: <b>It is ready</b>,
  steps: [{ words: 'Unpack', icon: <i>1</i> }, { words: 'Brew' }],
} satisfies NoteProps;
