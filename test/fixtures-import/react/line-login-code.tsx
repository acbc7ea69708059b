import { Body, Button, CodeInline, Container, Font, Head, Heading, Hr, Html, Img, Link, Preview, Section, Text } from '@react-email/components';

interface LineLoginCodeEmailProps { validationCode?: string; attempts: number }

const baseUrl = process.env.BASE_URL ?? 'http://localhost:3000';

export const LineLoginCodeEmail = ({ validationCode, attempts }: LineLoginCodeEmailProps) => (
  <Html>
    <Head>
      <Font fontFamily="Inter" fallbackFontFamily={['Verdana', 'Arial']} webFont={{ url: 'https://fonts.example/inter.woff2', format: 'woff2' }} fontWeight={400} fontStyle="normal" />
    </Head>
    <Body style={{ backgroundColor: '#ffffff' }}>
      <Preview>Your login code for Line</Preview>
      <Container>
        <Img src={`${baseUrl}/static/line-logo.png`} width="42" height="42" alt="Line" />
        <Heading style={{ fontSize: '24px', letterSpacing: '-0.5px' }}>Your login code for Line</Heading>
        <Section><Button href={`https://line.example/login?code=${validationCode}`}>Login to Line</Button></Section>
        <Text>Or enter this code:</Text>
        <CodeInline>{validationCode}</CodeInline>
        {attempts > 1 && <Text>This is attempt {attempts}.</Text>}
        <Hr /><Link href="https://line.example">Line</Link>
      </Container>
    </Body>
  </Html>
);
LineLoginCodeEmail.PreviewProps = { validationCode: 'tt226-5398x', attempts: 1 } as LineLoginCodeEmailProps;
export default LineLoginCodeEmail;
