using System.Text.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>One entry of status.loadBalancer.ingress.</summary>
/// <param name="Address">Its address; null for a host name or for what is no address.</param>
/// <param name="Text">The whole entry.</param>
public sealed record IngressView(IpAddress? Address, string Text)
{
    internal static IngressView Read(JsonElement entry) => new(AddressText.Read(entry.Field("ip").Text()), entry.GetRawText());
}
