using System.Linq;
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
        _frr = new(lan, spec.Host, $"""
            router bgp {spec.RouterAsn}
             bgp router-id 10.98.0.3
             no bgp ebgp-requires-policy
             no bgp default ipv4-unicast
             neighbor {spec.Node} remote-as {spec.NodeAsn}
             neighbor {spec.Node} timers {spec.HoldSeconds / 3} {spec.HoldSeconds}
             neighbor {spec.Node} timers connect 1
             {If(spec.IsPassive, $"neighbor {spec.Node} passive")}
             {If(spec.TwoOctetAs, $"neighbor {spec.Node} dont-capability-negotiate")}
             {If(spec.HasRole && !spec.TwoOctetAs, $"neighbor {spec.Node} local-role provider")}
             {If(spec.ExtendedNextHop, $"neighbor {spec.Node} capability extended-nexthop")}
             {If(spec.HasTtlSecurity, $"neighbor {spec.Node} ttl-security hops {spec.Hops}")}
             {If(spec.Hops > 1 && !spec.HasTtlSecurity, $"neighbor {spec.Node} ebgp-multihop {spec.Hops}")}
             {IfPassword($"neighbor {spec.Node} password {spec.Password}")}
             {ForEachFamily(family => $"address-family {family} unicast\n neighbor {spec.Node} activate\nexit-address-family")}
            exit
            """, "bgpd");
    }

    /// <summary>What FRR knows of the node as its neighbour.</summary>
    public JsonElement Neighbor => _frr.Show($"show bgp neighbors {Spec.Node} json").GetProperty(Spec.Node);

    /// <summary>Runs commands of vtysh.</summary>
    public string Run(params string[] commands) => _frr.Run(commands);

    /// <summary>Kills bgpd as a crash would.</summary>
    public void Kill() => _frr.Kill("bgpd");

    public override void Signal(string name) => Signal(_frr.ProcessId("bgpd"), name);

    public override string Describe(string prefix) => _frr.Run($"show bgp {Spec.Family} unicast {prefix}");

    public override string Session() => _frr.Run($"show bgp neighbors {Spec.Node}");

    public override bool AskAgain()
    {
        _frr.Run($"clear bgp {Spec.Family} unicast {Spec.Node} soft in");
        return true;
    }

    public override string Routes() => string.Concat(Spec.Families.Select(family => _frr.Run($"show bgp {family} unicast")));

    public override void Dispose()
    {
        _frr.Dispose();
        base.Dispose();
    }
}
