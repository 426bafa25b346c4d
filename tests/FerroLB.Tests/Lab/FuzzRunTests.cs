using System;
using System.Collections.Generic;
using FerroLB.Lab.Fuzz;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class FuzzRunTests
{
    public static TheoryData<IFuzzTarget> Targets =>
    [
        new ArpFuzzTarget(), new NdpFuzzTarget(), new BfdFuzzTarget(), new GossipFuzzTarget(), new BgpFuzzTarget(),
        new BgpSessionFuzzTarget(), new JsonFuzzTarget(), new StoreLogFuzzTarget(),
    ];

    [Theory]
    [MemberData(nameof(Targets))]
    public void The_decoders_survive_a_thousand_inputs(IFuzzTarget target)
    {
        var result = new FuzzRun(target, 2).Run(inputs => inputs < 1_000);
        Assert.True(result.Fault is null, result.Fault);
        Assert.True(result.Inputs >= 1_000);
    }

    [Fact]
    public void An_exception_is_found_and_its_input_is_shortened()
    {
        var target = new Planted(bytes => bytes.Contains((byte)0xFF) ? throw new FormatException("planted") : 0);
        var result = new FuzzRun(target, 1).Run(_ => true);
        Assert.Contains("planted", result.Fault, StringComparison.Ordinal);
        Assert.Equal([0xFF], result.Input!);
    }

    [Fact]
    public void Memory_beyond_the_limit_is_found()
    {
        var result = new FuzzRun(new Planted(bytes => bytes.Contains((byte)0x7B) ? new byte[1_000_000].Length : 0), 1).Run(_ => true);
        Assert.Contains("octets allocated", result.Fault, StringComparison.Ordinal);
        Assert.Equal([0x7B], result.Input!);
    }

    [Fact]
    public void A_seed_fixes_its_inputs()
    {
        Assert.Equal(InputsOf(7), InputsOf(7));
        Assert.NotEqual(InputsOf(7), InputsOf(8));
    }

    private static List<string> InputsOf(ulong seed)
    {
        var inputs = new List<string>();
        new FuzzRun(
            new Planted(bytes =>
            {
                inputs.Add(Convert.ToHexString(bytes));
                return 0;
            }),
            seed).Run(count => count < 100);
        return inputs;
    }

    private delegate int Trial(ReadOnlySpan<byte> bytes);

    private sealed class Planted(Trial trial) : IFuzzTarget
    {
        private byte[] _sink = [];

        public ReadOnlySpan<string> Vocabulary => [];

        public byte[] Sample(SeededRandom random) => [1, 2, 3, 4, 5, 6, 7, 8];

        public long AllocationLimit(int inputBytes) => 100_000;

        public string? Try(ReadOnlyMemory<byte> input)
        {
            _sink = [(byte)(trial(input.Span) & 1)];
            return null;
        }
    }
}
