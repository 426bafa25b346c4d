using System.Collections.Immutable;

namespace FerroLB.ApiServer.Store;

/// <summary>Somebody whom the front recognised by a token.</summary>
/// <param name="Name">The user's name, as in "system:serviceaccount:metallb-system:controller".</param>
/// <param name="Uid">The user's uid, or "".</param>
/// <param name="Groups">The user's groups.</param>
/// <param name="Audiences">For whom the token is meant; empty for everybody.</param>
public sealed record ApiIdentity(string Name, string Uid, ImmutableArray<string> Groups, ImmutableArray<string> Audiences);
