import { Body, Container, Head, Heading, Html, Preview, Section, Text } from 'react-email';
import { Footer } from './components/Footer';
import { colours } from './components/theme';

interface CloudVerifyEmailProps { verificationCode?: string; }

export default function CloudVerifyEmail({ verificationCode = '000000' }: CloudVerifyEmailProps) {
  return (
    <Html>
      <Head />
      <Body style={{ backgroundColor: colours.page }}>
        <Preview>Cloud Email Verification</Preview>
        <Container>
          <Section><Heading>Verify your email address</Heading><Text style={{ fontSize: 36, textAlign: 'center' }}>{verificationCode}</Text><Text>(This code is valid for 10 minutes)</Text></Section>
          <Footer year={2026} />
        </Container>
      </Body>
    </Html>
  );
}

CloudVerifyEmail.PreviewProps = { verificationCode: '596853' } satisfies CloudVerifyEmailProps;
