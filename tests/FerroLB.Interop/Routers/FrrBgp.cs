using System.Text.Json;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Routers;

/// <summary>bgpd of FRR.</summary>
internal sealed class FrrBgp : BgpRouter
{
    private readonly FrrRouter _frr;

    public FrrBgp(TestLan lan, BgpRouterSpec spec)
        : base(lan, spec)
    {
        var family = Family;
        _frr = new(lan, spec.Host, $"""
            router bgp {spec.RouterAsn}
             bgp router-id 10.98.0.3
             no bgp ebgp-requires-policy
             no bgp default ipv4-unicast
             neighbor {spec.Node} remote-as {spec.NodeAsn}
             neighbor {spec.Node} timers {spec.HoldSeconds / 3} {spec.HoldSeconds}
             neighbor {spec.Node} timers connect 1
             {(spec.IsPassive ? $"neighbor {spec.Node} passive" : "")}
             {IfPassword($"neighbor {spec.Node} password {spec.Password}")}
             address-family {family} unicast
              neighbor {spec.Node} activate
             exit-address-family
            exit
            """, "bgpd");
    }

    /// <summary>What FRR knows of the node as its neighbour.</summary>
    public JsonElement Neighbor => _frr.Show($"show bgp neighbors {Spec.Node} json").GetProperty(Spec.Node);

    private string Family => Spec.IsIPv6 ? "ipv6" : "ipv4";

    /// <summary>Runs commands of vtysh.</summary>
    public string Run(params string[] commands) => _frr.Run(commands);

    /// <summary>Kills bgpd as a crash would.</summary>
    public void Kill() => _frr.Kill("bgpd");

    public override string Routes() => _frr.Run($"show bgp {Family} unicast");

    public override void Dispose()
    {
        _frr.Dispose();
        base.Dispose();
    }
}
