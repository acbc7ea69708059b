import { Body, Column, Container, Head, Heading, Html, Img, Link, Preview, Row, Section, Text } from '@react-email/components';

interface ChatConfirmEmailProps { validationCode?: string; }
const baseUrl = process.env['VERCEL_URL'] ? `https://${process.env['VERCEL_URL']}` : "";
const links = [['Our blog', 'https://chat.example/blog'], ['Policies', 'https://chat.example/legal']] as const;

export const ChatConfirmEmail = ({ validationCode }: ChatConfirmEmailProps) => (
  <Html>
    <Head />
    <Body style={{ backgroundColor: '#ffffff', margin: '0 auto' }}>
      <Preview>Confirm your email address</Preview>
      <Container style={{ margin: '0 auto', padding: '0px 20px' }}>
        <Section style={{ marginTop: '32px' }}><Img src={`${baseUrl}/static/chat-logo.png`} width="120" height="36" alt="Chat" /></Section>
        <Heading mt={30} mb="30px">Confirm your email address</Heading>
        <Section style={{ background: 'rgb(245, 244, 245)', borderRadius: '4px', padding: '40px 10px' }}><Text style={{ fontSize: '30px', textAlign: 'center', verticalAlign: 'middle' }}>{validationCode}</Text></Section>
        <Section><Row>{links.map(([name, to], at) => <Column key={to} style={{ width: '66%' }}>{at > 0 ? <>&nbsp;&nbsp;|&nbsp;&nbsp;</> : ''}<Link href={to} target="_blank" rel="noopener noreferrer">{name}</Link></Column>)}</Row></Section>
        <Text style={{ fontSize: '12px', lineHeight: '15px', color: '#b7b7b7' }}>©2026 Chat Technologies. <br />500 Howard Street <br /><br />All rights reserved.</Text>
      </Container>
    </Body>
  </Html>
);
ChatConfirmEmail.PreviewProps = { validationCode: 'DJZ-TLX' } as ChatConfirmEmailProps;
export default ChatConfirmEmail;
