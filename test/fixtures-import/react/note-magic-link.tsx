import { Body, Container, Head, Heading, Html, Link, Preview, Text } from '@react-email/components';

interface NoteMagicLinkEmailProps { loginCode?: string; }

const NoteMagicLinkEmail = ({ loginCode }: NoteMagicLinkEmailProps) => (
  <Html>
    <Head />
    <Body style={main}>
      <Preview>Log in with this magic link</Preview>
      <Container>
        <Heading style={h1}>Login</Heading>
        <Link href="https://note.example/" target="_blank" style={{ ...link, display: 'block', marginBottom: '16px' }}>Click here to log in with this magic link</Link>
        <Text style={{ ...text, marginBottom: '14px' }}>Or, copy and paste this temporary login code:</Text>
        <code style={code}>{loginCode}</code>
        <Text style={{ ...text, color: '#ababab' }}>If you didn&apos;t try to login, you can safely ignore this email.</Text>
      </Container>
    </Body>
  </Html>
);

export default NoteMagicLinkEmail;

const main = { backgroundColor: '#ffffff' };
const h1 = { color: '#333', fontSize: '24px', fontWeight: 'bold', margin: '40px 0', padding: '0' };
const link = { color: '#2754C5', fontSize: '14px', textDecoration: 'underline' };
const text = { color: '#333', fontSize: '14px', margin: '24px 0' };
const code = { display: 'inline-block', padding: '16px 4.5%', width: '90.5%', backgroundColor: '#f4f4f4', borderRadius: '5px', border: '1px solid #eee' };
