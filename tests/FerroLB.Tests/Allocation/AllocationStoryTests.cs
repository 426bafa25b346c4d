using Xunit;

namespace FerroLB.Tests.Allocation;

/// <summary>What a user of pools may rely on, told as stories; <see cref="AllocationScript"/> explains their language.</summary>
public sealed class AllocationStoryTests
{
    [Theory]
    [InlineData("assign, again, conflict, other, free, reuse", """
        s1 @1.2.3.4 -> 1.2.3.4; s1 @1.2.3.4 -> 1.2.3.4; s2 @1.2.3.4 -> AddressInUse; s2 -> none; s2 @1.2.3.5 -> 1.2.3.5
        s2 @1.2.3.4 -> AddressInUse; s2 -> 1.2.3.5; s1 ! -> none; s2 @1.2.3.4 -> 1.2.3.4; s3 @1.2.3.5 -> 1.2.3.5
        """)]
    [InlineData("the same with IPv6", """
        s1 @1000::4 -> 1000::4; s1 @1000::4 -> 1000::4; s2 @1000::4 -> AddressInUse; s2 @1000::5 -> 1000::5
        s2 @1000::4 -> AddressInUse; s2 -> 1000::5; s1 ! -> none; s2 @1000::4 -> 1000::4; s3 @1000::5 -> 1000::5
        """)]
    [InlineData("swap over a third address", """
        s1 @1.2.3.1 -> 1.2.3.1; s2 @1.2.3.2 -> 1.2.3.2; s1 @1.2.3.2 -> AddressInUse
        s1 @1.2.3.3 -> 1.2.3.3; s2 @1.2.3.1 -> 1.2.3.1; s1 @1.2.3.2 -> 1.2.3.2
        """)]
    [InlineData("swap over a third IPv6 address", """
        s1 @1000::1 -> 1000::1; s2 @1000::2 -> 1000::2; s1 @1000::2 -> AddressInUse
        s1 @1000::3 -> 1000::3; s2 @1000::1 -> 1000::1; s1 @1000::2 -> 1000::2
        """)]
    [InlineData("buggy addresses are refused where the pool says so, and only there", """
        s1 @1.2.4.0 -> AddressNotInPools; s1 @1.2.4.255 -> AddressNotInPools; s1 @1.2.5.0 -> AddressNotInPools
        s1 @1.2.3.0 -> 1.2.3.0; s2 @1.2.3.255 -> 1.2.3.255; s3 @1.2.4.1 -> 1.2.4.1; s3 @2000::ff -> 2000::ff; s3 @2000:: -> 2000::
        """)]
    [InlineData("outside of every pool", "s1 @1.2.9.1 -> AddressNotInPools; s1 @3000::1 -> AddressNotInPools; s1 -> none")]
    [InlineData("two of a family, three", """
        s1 fam=46 @1.2.3.1,1.2.3.2 -> FamilyMismatch; s1 fam=46 @1000::1,1000::2 -> FamilyMismatch
        s1 fam=46 @1.2.3.1,1000::1,1.2.3.2 -> FamilyMismatch
        """)]
    [InlineData("a pair from one pool", """
        s1 fam=46 @1.2.3.4,1000::4 -> 1.2.3.4 1000::4; s2 @1.2.3.4 -> AddressInUse; s2 fam=6 @1000::4 -> AddressInUse
        s2 fam=46 @1.2.3.5,1000::4 -> AddressInUse; s3 @1.2.3.5 -> 1.2.3.5; s1 ! -> none; s2 fam=46 @1.2.3.4,1000::4 -> 1.2.3.4 1000::4
        """)]
    [InlineData("a pair from two pools, which MetalLB refuses", "s1 fam=46 @1.2.3.4,2000::4 -> 1.2.3.4 2000::4; count q -> 508 0, 256 1")]
    public void Assignment(string title, string story) =>
        AllocationScript.Run(title, "pools p 1.2.3.0/24 1000::/120 | q 1.2.4.0/23 2000::/120 buggy\n" + story);

    [Theory]
    [InlineData("take, change the key while alone", """
        s1 key=a port=80 @1.2.3.4 -> 1.2.3.4; s1 key=b port=80 @1.2.3.4 -> 1.2.3.4; s1 port=80 @1.2.3.4 -> 1.2.3.4
        s2 key=a port=81 @1.2.3.4 -> AddressInUse; s1 key=a port=80 @1.2.3.4 -> 1.2.3.4; s2 key=a port=81 @1.2.3.4 -> 1.2.3.4
        """)]
    [InlineData("port conflict, wrong key, no key, wrong backend", """
        s1 key=a port=80 backend=x @1.2.3.4 -> 1.2.3.4; s2 key=a port=80 backend=x @1.2.3.4 -> PortInUse
        s2 key=b port=81 backend=x @1.2.3.4 -> SharingKeyDiffers; s2 port=81 backend=x @1.2.3.4 -> AddressInUse
        s2 key=a port=81 backend=y @1.2.3.4 -> BackendDiffers; s2 key=a port=81 @1.2.3.4 -> BackendDiffers
        s2 key=a port=81 backend=x @1.2.3.4 -> 1.2.3.4; count p -> 256 1, 256 0
        """)]
    [InlineData("change of ports while shared", """
        s1 key=a port=80 @1.2.3.4 -> 1.2.3.4; s2 key=a port=81 @1.2.3.4 -> 1.2.3.4; s2 key=a port=82,83 @1.2.3.4 -> 1.2.3.4
        s3 key=a port=81 @1.2.3.4 -> 1.2.3.4; s1 key=a port=83 @1.2.3.4 -> PortInUse; s1 key=a port=80 @1.2.3.4 -> 1.2.3.4
        """)]
    [InlineData("neither key nor backend can change while shared", """
        s1 key=a port=80 @1.2.3.4 -> 1.2.3.4; s2 key=a port=81 @1.2.3.4 -> 1.2.3.4; s1 key=b port=80 @1.2.3.4 -> SharingKeyDiffers
        s1 port=80 @1.2.3.4 -> AddressInUse; s1 key=a port=80 backend=x @1.2.3.4 -> BackendDiffers; s1 -> 1.2.3.4
        """)]
    [InlineData("the last one who stays may change all", """
        s1 key=a port=80 @1.2.3.4 -> 1.2.3.4; s2 key=a port=81 @1.2.3.4 -> 1.2.3.4; s1 ! -> none
        s2 key=b port=90 backend=x @1.2.3.4 -> 1.2.3.4; s3 key=b port=80 backend=x @1.2.3.4 -> 1.2.3.4
        """)]
    [InlineData("IPv6", """
        s1 key=a port=80 fam=6 @1000::4 -> 1000::4; s2 key=a port=80 fam=6 @1000::4 -> PortInUse
        s2 key=b port=81 fam=6 @1000::4 -> SharingKeyDiffers; s2 key=a port=81 fam=6 @1000::4 -> 1000::4; count p -> 256 0, 256 1
        """)]
    [InlineData("a pair shares with two different Services", """
        s1 key=a port=80 @1.2.3.4 -> 1.2.3.4; s2 key=a port=81 fam=6 @1000::4 -> 1000::4
        s3 key=a port=82 fam=46 @1.2.3.4,1000::4 -> 1.2.3.4 1000::4; s4 key=a port=81 fam=46 @1.2.3.4,1000::4 -> PortInUse
        """)]
    public void Sharing(string title, string story) => AllocationScript.Run(title, "pools p 1.2.3.0/24 1000::/120\n" + story);

    [Theory]
    [InlineData("own namespace", "ns=a", "s ns=a @1.2.3.4 -> 1.2.3.4")]
    [InlineData("other namespace", "ns=a", "s ns=b @1.2.3.4 -> PoolNotCompatible")]
    [InlineData("own label", "label=app=web", "s label=app=web @1.2.3.4 -> 1.2.3.4")]
    [InlineData("other label", "label=app=web", "s label=app=db @1.2.3.4 -> PoolNotCompatible")]
    [InlineData("both", "ns=a label=app=web", "s ns=a label=app=web @1.2.3.4 -> 1.2.3.4")]
    [InlineData("both, wrong label", "ns=a label=app=web", "s ns=a label=app=db @1.2.3.4 -> PoolNotCompatible")]
    [InlineData("both, wrong namespace", "ns=a label=app=web", "s ns=b label=app=web @1.2.3.4 -> PoolNotCompatible")]
    [InlineData("pinned to nothing in particular", "first=1", "s ns=b @1.2.3.4 -> 1.2.3.4")]
    public void Pinned_pools(string title, string pinning, string story)
    {
        AllocationScript.Run(title, $"pools p 1.2.3.0/24 {pinning}\n{story}");
        var byPool = story.Replace("@1.2.3.4", "?p").Replace(".4", ".0");
        AllocationScript.Run(title + ", asked for by pool", $"pools p 1.2.3.0/24 {pinning}\n{byPool}");
    }

    [Theory]
    [InlineData("IPv4: exhaust, refuse, release, reuse", "", """
        s1 ? -> 1.2.3.0; s2 ? -> 1.2.3.1; s3 ? -> NoAvailableAddress; s4 ? -> NoAvailableAddress; s1 ! -> none; s4 ? -> 1.2.3.0
        s3 ? -> NoAvailableAddress; s2 ? -> 1.2.3.1
        """)]
    [InlineData("IPv6: exhaust, refuse, release, reuse", "", """
        s1 fam=6 ? -> 1000::; s2 fam=6 ? -> 1000::1; s3 fam=6 ? -> NoAvailableAddress; s2 fam=6 ! -> none; s3 fam=6 ? -> 1000::1
        """)]
    [InlineData("both: exhaust, refuse, release, reuse", "policy=RequireDualStack", """
        s1 fam=46 X ? -> 1.2.3.0 1000::; s2 fam=46 X ? -> 1.2.3.1 1000::1; s3 fam=46 X ? -> NoAvailableAddress
        s1 ! -> none; s3 fam=46 X ? -> 1.2.3.0 1000::
        """)]
    [InlineData("sharing goes on when the pool is full", "", """
        s1 key=k port=80 ? -> 1.2.3.0; s2 ? -> 1.2.3.1; s3 key=k port=81 ? -> 1.2.3.0; s4 key=k port=80 ? -> NoAvailableAddress
        s5 key=x port=82 ? -> NoAvailableAddress; s1 ! -> none; s4 key=k port=80 ? -> 1.2.3.0; count p -> 2 2, 2 0
        """)]
    [InlineData("one family takes away from pairs", "policy=RequireDualStack", """
        s1 ? -> 1.2.3.0; s2 ? -> 1.2.3.1; s3 fam=46 X ? -> NoAvailableAddress; s3 fam=6 ? -> 1000::; s1 ! -> none
        s4 fam=46 X ? -> 1.2.3.0 1000::1; count p -> 2 2, 2 2
        """)]
    [InlineData("single, then both, then single again", "",
        "s1 ? -> 1.2.3.0; s1 fam=46 ? -> 1.2.3.0 1000::; s1 fam=6 ? -> 1000::; s1 ! -> none")]
    [InlineData("unknown pool", "", "s1 ?nope -> UnknownPool; s1 -> none; s1 ?p -> 1.2.3.0; s1 ?nope -> UnknownPool; s1 -> 1.2.3.0")]
    public void Running_full(string title, string option, string story)
    {
        var steps = story.Replace("X", option);
        AllocationScript.Run(title, "pools p 1.2.3.0/31 1000::/127\n" + steps);
        AllocationScript.Run(title + ", asked for by pool", "pools p 1.2.3.0/31 1000::/127 manual\n" + steps.Replace("? ", "?p "));
    }

    [Theory]
    [InlineData("the same", "pools p 1.2.3.0/30 1000::/126; s1 -> 1.2.3.1; s2 -> 1.2.3.2 1000::2")]
    [InlineData("larger", "pools p 1.2.3.0/24 1000::/64; s1 -> 1.2.3.1; s2 -> 1.2.3.2 1000::2; count p -> 256 2, 9223372036854775807 1")]
    [InlineData("smaller around them", "pools p 1.2.3.1-1.2.3.2 1000::2/128; s1 -> 1.2.3.1; s2 -> 1.2.3.2 1000::2; count p -> 2 2, 1 1")]
    [InlineData("IPv4 gone", "pools p 1000::/126; s1 -> none; s2 -> 1000::2; count p -> 0 0, 4 1")]
    [InlineData("IPv6 gone", "pools p 1.2.3.0/30; s1 -> 1.2.3.1; s2 -> 1.2.3.2; count p -> 4 2, 0 0")]
    [InlineData("another name",
        "pools q 1.2.3.0/30 1000::/126; s1 -> 1.2.3.1; s2 -> 1.2.3.2 1000::2; count q -> 4 2, 4 1; count p -> none")]
    [InlineData("split", "pools a 1.2.3.0/31 | b 1.2.3.2/31 1000::/126; s1 -> 1.2.3.1; count a -> 2 1, 0 0; count b -> 2 1, 4 1")]
    [InlineData("careful from now on",
        "s3 @1.2.3.0 -> 1.2.3.0; pools p 1.2.3.0/30 1000::/126 buggy; s3 -> none; s1 -> 1.2.3.1; count p -> 3 2, 4 1")]
    [InlineData("all gone", "pools x 9.9.9.9/32; s1 -> none; s2 -> none; count p -> none; count x -> 1 0, 0 0")]
    public void New_pools(string title, string story) => AllocationScript.Run(
        title, "pools p 1.2.3.0/30 1000::/126; s1 @1.2.3.1 -> 1.2.3.1; s2 fam=46 @1.2.3.2,1000::2 -> 1.2.3.2 1000::2;" + story);

    [Theory]
    [InlineData("by name", "pools b 1.0.1.0/30 | a 1.0.0.0/32 | c 1.0.2.0/30; s1 ? -> 1.0.0.0; s2 ? -> 1.0.1.0")]
    [InlineData("not automatic is passed over",
        "pools a 1.0.0.0/30 manual | b 1.0.1.0/32; s1 ? -> 1.0.1.0; s2 ? -> NoAvailableAddress; s2 ?a -> 1.0.0.0")]
    [InlineData("pinned before open", "pools a 1.0.0.0/30 | z 1.0.1.0/32 ns=ns; s1 ? -> 1.0.1.0; s2 ? -> 1.0.0.0")]
    [InlineData("lower number first, none last, then by name", """
        pools a 1.0.0.0/32 ns=ns | b 1.0.1.0/32 ns=ns first=20 | c 1.0.2.0/32 ns=ns first=10 | d 1.0.3.0/32 ns=ns first=10
        s1 ? -> 1.0.2.0; s2 ? -> 1.0.3.0; s3 ? -> 1.0.1.0; s4 ? -> 1.0.0.0; s5 ? -> NoAvailableAddress
        """)]
    [InlineData("blocks as written, lowest first", "pools a 1.0.9.0/32 1.0.0.5-1.0.0.6; s1 ? -> 1.0.9.0; s2 ? -> 1.0.0.5; s3 ? -> 1.0.0.6")]
    [InlineData("no pool at all", "s1 ? -> NoPools; s1 @1.0.0.0 -> AddressNotInPools")]
    public void Which_pool_and_which_address(string title, string story) => AllocationScript.Run(title, story);
}
