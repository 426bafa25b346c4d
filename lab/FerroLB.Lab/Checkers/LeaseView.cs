using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>A Lease as the checkers see it.</summary>
public sealed class LeaseView
{
    internal LeaseView(JsonElement lease) => Holder = lease.Field("spec").Field("holderIdentity").Text() ?? "";

    /// <summary>Who leads; "" for nobody.</summary>
    public string Holder { get; }
}
