import { Body, Button, Container, Head, Hr, Html, Img, Link, Preview, Section, Text } from '@react-email/components';

const baseUrl = process.env.VERCEL_URL ? `https://${process.env.VERCEL_URL}` : '';

export const PayWelcomeEmail = () => (
  <Html>
    <Head />
    <Body style={main}>
      <Preview>You're now ready to make live transactions with Pay!</Preview>
      <Container style={container}>
        <Section style={box}>
          <Img src={`${baseUrl}/static/pay-logo.png`} width="49" height="21" alt="Pay" />
          <Hr style={hr} />
          <Text style={paragraph}>Thanks for submitting your account information. You're now ready to make live transactions!</Text>
          <Button style={button} href="https://dashboard.pay.example/login">View your dashboard</Button>
          <Hr style={hr} />
          <Text style={paragraph}>If you haven't finished your integration, see our <Link style={anchor} href="https://docs.pay.example/">docs</Link>.</Text>
          <Text style={footer}>Pay, 354 Oyster Point Blvd</Text>
        </Section>
      </Container>
    </Body>
  </Html>
);

export default PayWelcomeEmail;

const main = { backgroundColor: '#f6f9fc', fontFamily: '-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,sans-serif' };
const container = { backgroundColor: '#ffffff', margin: '0 auto', padding: '20px 0 48px', marginBottom: '64px' };
const box = { padding: '0 48px' };
const hr = { borderColor: '#e6ebf1', margin: '20px 0' };
const paragraph = { color: '#525f7f', fontSize: '16px', lineHeight: '24px', textAlign: 'left' as const };
const anchor = { color: '#556cd6' };
const button = { backgroundColor: '#656ee8', borderRadius: '5px', color: '#fff', display: 'block', width: '100%', padding: '10px' };
const footer = { color: '#8898aa', fontSize: '12px' };
