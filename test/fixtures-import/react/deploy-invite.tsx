import {
  Body, Button, Column, Container, Head, Heading, Hr, Html, Img, Link, Preview, Row, Section, Tailwind, Text, pixelBasedPreset,
} from '@react-email/components';

interface DeployInviteUserEmailProps {
  username?: string;
  userImage?: string;
  invitedByUsername?: string;
  invitedByEmail?: string;
  teamName?: string;
  inviteLink?: string;
  inviteFromIp?: string;
}

const baseUrl = process.env.VERCEL_URL ? `https://${process.env.VERCEL_URL}` : '';

export const DeployInviteUserEmail = ({ username, userImage, invitedByUsername, invitedByEmail, teamName, inviteLink, inviteFromIp }: DeployInviteUserEmailProps) => {
  const previewText = `Join ${invitedByUsername} on Deploy`;
  return (
    <Html>
      <Head />
      <Tailwind config={{ presets: [pixelBasedPreset] }}>
        <Body className="mx-auto my-auto bg-white px-2 font-sans">
          <Preview>{previewText}</Preview>
          <Container className="mx-auto my-[40px] max-w-[465px] rounded border border-[#eaeaea] border-solid p-[20px]">
            <Section className="mt-[32px]"><Img src={`${baseUrl}/static/deploy-logo.png`} width="40" height="37" alt="Deploy" className="mx-auto my-0" /></Section>
            <Heading className="mx-0 my-[30px] p-0 text-center font-normal text-[24px] text-black">Join <strong>{teamName}</strong> on <strong>Deploy</strong></Heading>
            <Text className="text-[14px] text-black leading-[24px]">Hello {username},</Text>
            <Text className="text-[14px] text-black leading-[24px]"><strong>{invitedByUsername}</strong> (<Link href={`mailto:${invitedByEmail}`} className="text-blue-600 no-underline">{invitedByEmail}</Link>) has invited you.</Text>
            <Section><Row><Column align="right"><Img className="rounded-full" src={userImage} width="64" height="64" alt={`${username}'s picture`} /></Column></Row></Section>
            <Section className="mt-[32px] mb-[32px] text-center"><Button className="rounded bg-[#000000] px-5 py-3 text-center font-semibold text-[12px] text-white no-underline" href={inviteLink}>Join the team</Button></Section>
            <Hr className="mx-0 my-[26px] w-full border border-[#eaeaea] border-solid" />
            <Text className="text-[#666666] text-[12px] leading-[24px]">This was intended for <span className="text-black">{username}</span>, from <span className="text-black">{inviteFromIp}</span>.</Text>
          </Container>
        </Body>
      </Tailwind>
    </Html>
  );
};

DeployInviteUserEmail.PreviewProps = {
  username: 'alanturing', userImage: 'https://img.deploy.example/u.png', invitedByUsername: 'Alan', invitedByEmail: 'alan.turing@example.com',
  teamName: 'Enigma', inviteLink: 'https://deploy.example/teams/invite/foo?x=1&y=2', inviteFromIp: '204.13.186.218',
} as DeployInviteUserEmailProps;

export default DeployInviteUserEmail;
