import { Body, Button, CodeBlock, Container, dracula, Head, Html, Img, Link, Markdown, Preview, Section, Text } from '@react-email/components';

interface HubAccessTokenEmailProps { username?: string; scopes: readonly string[]; snippet: string; notes: string }

export const HubAccessTokenEmail = ({ username, scopes, snippet, notes }: HubAccessTokenEmailProps) => (
  <Html>
    <Head />
    <Body style={{ backgroundColor: '#ffffff', fontFamily: '-apple-system,"Segoe UI",Helvetica,Arial' }}>
      <Preview>A fine-grained personal access token has been added to your account</Preview>
      <Container style={{ maxWidth: '480px', margin: '0 auto' }}>
        <Img src="https://img.hub.example/logo.png" width="32" height="32" alt="Hub" />
        <Text><strong>@{username}</strong>, a personal access was created on your account.</Text>
        <Section style={{ padding: '24px', border: 'solid 1px #dedede', borderRadius: '5px', textAlign: 'center' }}>
          <Text>Hey <strong>{username}</strong>!</Text>
          <ul>{scopes.map((scope) => <li key={scope}>{scope}</li>)}</ul>
          <CodeBlock code={snippet} language="javascript" theme={dracula} lineNumbers />
          <Markdown markdownCustomStyles={{ h2: { color: 'navy' } }}>{notes}</Markdown>
          <Button href="https://hub.example/tokens">View your token</Button>
        </Section>
        <Text><Link href="https://hub.example/security">Your security audit log</Link> ・ <Link href="https://hub.example/support">Contact support</Link></Text>
      </Container>
    </Body>
  </Html>
);

HubAccessTokenEmail.PreviewProps = { username: 'alanturing', scopes: ['repo', 'read:org'], snippet: "const token = 'x';\n// keep <it> safe\nawait use(token);", notes: '## What now\n\n- keep it *safe*\n- [read on](https://hub.example/docs)' } as HubAccessTokenEmailProps;

export default HubAccessTokenEmail;
