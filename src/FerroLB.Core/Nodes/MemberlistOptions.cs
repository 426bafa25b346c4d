namespace FerroLB.Core.Nodes;

/// <summary>The Secret with the key by which speakers recognise each other.</summary>
/// <param name="SecretName">Its name, in FerroLB's namespace.</param>
/// <param name="Deployment">The controller's Deployment, which owns it; "" for no owner.</param>
/// <param name="Key">The key to put into it if there is none: drawn by the shell at each start, never by the node's own generator.</param>
public sealed record MemberlistOptions(string SecretName, string Deployment, SecretText Key);
