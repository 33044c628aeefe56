"""How people come to an organisation and leave it: invitations, applications, owners, links."""
