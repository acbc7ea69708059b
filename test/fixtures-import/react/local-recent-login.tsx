import { Body, Button, Column, Container, Head, Heading, Html, Img, Preview, Row, Section, Text } from '@react-email/components';

interface LocalRecentLoginEmailProps { userFirstName?: string; loginDate?: Date; loginDevice?: string; loginLocation?: string; loginIp?: string; }

const baseUrl = process.env.VERCEL_URL ? `https://${process.env.VERCEL_URL}` : '';

export const LocalRecentLoginEmail = ({ userFirstName, loginDate, loginDevice, loginLocation, loginIp }: LocalRecentLoginEmailProps) => {
  const formattedDate = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(loginDate);
  return (
    <Html>
      <Head />
      <Body style={{ backgroundColor: '#fff', color: '#212121' }}>
        <Preview>Local recent login</Preview>
        <Container>
          <Section style={{ border: '1px solid rgb(0,0,0, 0.1)', borderRadius: '3px', overflow: 'hidden' }}>
            <Row><Img style={{ maxWidth: '100%' }} width={620} src={`${baseUrl}/static/local-header.png`} alt="Header" /></Row>
            <Row style={{ padding: '20px', paddingBottom: '0' }}>
              <Column>
                <Heading style={{ fontSize: 32, fontWeight: 'bold', textAlign: 'center' }}>Hi {userFirstName},</Heading>
                <Heading as="h2">We noticed a recent login to your account.</Heading>
                <Text><b>Time: </b>{formattedDate}</Text><Text style={{ marginTop: -5 }}><b>Device: </b>{loginDevice}</Text>
                <Text><b>Location: </b>{loginLocation}</Text><Text>*Approximate, based on IP address: {loginIp}</Text>
              </Column>
            </Row>
            <Row style={{ padding: '20px' }}><Column colSpan={2} style={{ display: 'flex', justifyContent: 'center', width: '100%' }}><Button href="https://local.example/account">Learn More</Button></Column></Row>
          </Section>
        </Container>
      </Body>
    </Html>
  );
};

LocalRecentLoginEmail.PreviewProps = { userFirstName: 'Alan', loginDate: new Date('2022-09-07T10:58:00Z'), loginDevice: 'Chrome on macOS', loginLocation: 'Upland, California', loginIp: '47.149.53.167' } as LocalRecentLoginEmailProps;

export default LocalRecentLoginEmail;
